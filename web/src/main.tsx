import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/tokens.css";
import "./theme/base.css";
import { App } from "./app/App";
import { openSession } from "./app/open-session";
import { Door } from "./door/Door";
import { SessionContext } from "./session";
import { applySettings } from "./settings/apply";

const root = document.getElementById("root");
if (root) {
  const session = openSession();
  applySettings(session.settings, document.documentElement, matchMedia("(prefers-color-scheme: light)"));
  createRoot(root).render(
    <StrictMode>
      <SessionContext value={session}>
        <Door>
          <App />
        </Door>
      </SessionContext>
    </StrictMode>,
  );
}
