/** Dims the sockets a wire cannot end at, by one attribute and one rule: no component is drawn again. */

import { type Side } from "./geometry";

let sheet: CSSStyleSheet | undefined;

export function markReachable(from: Side | undefined, type?: string, node?: string): void {
  const root = document.querySelector<HTMLElement>("[data-canvas]");
  if (!root) return;
  if (!from) {
    delete root.dataset["connecting"];
    sheet?.replaceSync("");
    return;
  }
  root.dataset["connecting"] = type ?? "any";
  if (!sheet) {
    sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
  const other = from === "out" ? "in" : "out";
  // A type of one letter stands for any; an unknown one may be anything.
  const typed = type ? `:is([data-type="${CSS.escape(type)}"], [data-type="?"], [data-variable])` : "";
  sheet.replaceSync(`
    [data-connecting] [data-socket]:not([data-side="${other}"]${typed}) { opacity: 0.18; }
    [data-connecting] [data-node="${CSS.escape(node ?? "")}"] [data-side="${from}"] { opacity: 1; }
    [data-connecting] [data-socket][data-side="${other}"]${typed}::before { scale: 1.25; }
  `);
}
