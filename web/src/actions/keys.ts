/** Chords of keys: by their place on the keyboard, so that a Korean layout has the same ones. */

export interface KeyPress {
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

export function chordOf(event: KeyPress): string {
  const parts = [(event.ctrlKey || event.metaKey) && "Mod", event.altKey && "Alt", event.shiftKey && "Shift", event.code];
  return parts.filter(Boolean).join("+");
}

const NAMES: Record<string, string> = {
  Period: ".",
  Comma: ",",
  Slash: "/",
  Equal: "+",
  Minus: "−",
  BracketLeft: "[",
  BracketRight: "]",
  Enter: "↵",
  Delete: "Del",
  Escape: "Esc",
  Digit0: "0",
  NumpadAdd: "Num +",
  NumpadSubtract: "Num −",
};

/** As people read it: `Ctrl+Shift+Z`, or `⌘⇧Z` on a Mac. */
export function chordText(chord: string, mac: boolean): string {
  const parts = chord.split("+").map((part) => {
    if (part === "Mod") return mac ? "⌘" : "Ctrl";
    if (part === "Shift") return mac ? "⇧" : "Shift";
    if (part === "Alt") return mac ? "⌥" : "Alt";
    return NAMES[part] ?? part.replace(/^(?:Key|Digit|Numpad)/, "");
  });
  if (parts.at(-1) === "/" && parts.includes("Shift")) return "?";
  return parts.join(mac ? "" : "+");
}

export function isMac(): boolean {
  return navigator.platform.startsWith("Mac");
}
