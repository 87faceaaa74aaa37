import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/tokens.css";
import "./theme/base.css";
import { App } from "./app/App";
import { openSession } from "./app/open-session";
import { Door } from "./door/Door";
import { SessionContext } from "./session";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <SessionContext value={openSession()}>
        <Door>
          <App />
        </Door>
      </SessionContext>
    </StrictMode>,
  );
}
