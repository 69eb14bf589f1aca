"""Contents and requirements of the package. Settings of tools are in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
# `simgan sample`, `simgan models`, and load, sample and stream of the library need these alone.
SAMPLING = (HERE / "sampling.txt").read_text(encoding="utf-8").split()
DASK = ["distributed>=2026.1"]
SERVE = [
    "fastapi>=0.130",
    "httptools>=0.6.4",
    "jinja2>=3.1.5",
    "prometheus-client>=0.22",
    "uvicorn>=0.38",
    "uvloop>=0.22; sys_platform != 'win32'",
]
EXAMPLES = [*DASK, "backtesting>=0.6.5", "quantstats>=0.0.86", "skfolio>=1.12"]
DOCS = ["furo>=2025.9", "myst-parser>=5.0", "sphinx>=8.2"]
TEST = [
    *DOCS,
    *EXAMPLES,
    *SERVE,
    "axe-playwright-python>=0.1.4",
    "basedpyright>=1.31",
    "httpx2>=2",
    "hypothesis>=6.100",
    "ipykernel>=6.30",
    "mypy>=1.15",
    "nbclient>=0.10",
    "pandas-stubs>=2.2",
    "playwright>=1.50",
    "pytest>=8.3",
    "pytest-xdist>=3.6",
    "ruff>=0.11",
    "schemathesis>=4.3",
    "uv>=0.8",
]

setup(
    name="simgan",
    version="0.1.0",
    description="Learn how the returns of a stock behave, and draw any number of scenarios.",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["simgan", "simgan.*"]),
    package_data={
        "simgan": [
            "reference/*",
            "priors/*",
            "report/templates/*",
            "service/pages/*/*",
            "service/swagger/*",
            "py.typed",
        ]
    },
    install_requires=[
        *SAMPLING,
        "arch>=7.2",
        "curl_cffi>=0.7",
        "jinja2>=3.1.5",
        "keras>=3.14",
        "matplotlib>=3.10",
        "pandas>=2.2.3",
        "requests>=2.32",
        "statsmodels>=0.14.4",
        "tensorflow>=2.21",
        "yfinance>=1.4,<2",
    ],
    extras_require={
        "gpu": ["tensorflow[and-cuda]>=2.21"],
        "dask": DASK,
        "serve": SERVE,
        "examples": EXAMPLES,
        "docs": DOCS,
        "test": TEST,
    },
    entry_points={"console_scripts": ["simgan = simgan.cli.main:main"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Financial and Insurance Industry",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Office/Business :: Financial",
        "Typing :: Typed",
    ],
)
