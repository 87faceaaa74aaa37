import { type Action, hasSelection, chosen } from "./action";

/** Gives a node another name. */
export const rename: Action = {
  title: "action.rename",
  section: "edit",
  keys: ["F2"],
  enabled: hasSelection,
  run: (session, where) => {
    const [node] = chosen(session, where);
    if (node === undefined) return;
    session.ui.select([node]);
    session.ui.setState({ right: "inspector" });
    setTimeout(() => globalThis.document.querySelector<HTMLInputElement>("[data-rename]")?.select());
  },
};
