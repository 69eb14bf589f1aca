// The log-in: a token becomes a session of this browser.

import { ask, at, byId, tell } from "./page.js";

/** The page that the reader wanted. Only paths of this service are followed. */
function wanted() {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  const target = new URL(next, location.origin);
  // "/x/..//host" has the path "//host", which a browser would take for another host
  const path = target.pathname.replace(/^\/+/, "/");
  return next.startsWith("/") && target.origin === location.origin ? path + target.search : "/";
}

byId("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await ask("/v1/session", { method: "POST", json: { token: byId("token").value } });
    const path = wanted();
    location.assign(path.startsWith(`${at("")}/`) ? path : at(path));
  } catch (error) {
    tell(byId("problem"), error);
  }
});
