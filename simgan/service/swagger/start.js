"use strict";
// Requests of this page repeat the secret of its session, as the service asks of every page.
let csrf = "";
const session = fetch("v1/session").then(async (answer) => {
  if (answer.ok) csrf = (await answer.json()).csrf;
});
session.finally(() =>
  SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#api",
    deepLinking: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (csrf) request.headers["X-CSRF-Token"] = csrf;
      return request;
    },
  }),
);
