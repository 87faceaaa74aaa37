/** What is open, selected and pointed at: nothing here is saved with a workflow. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type WireEnd } from "../canvas/store";
import { type Point } from "../document/model";

export interface Toast {
  id: string;
  kind: "info" | "success" | "error";
  text: string;
  /** The node it is about: a press goes there. */
  node?: string;
}

/** The search for a node to add: where it goes, and the wire that asked for it. */
export interface PaletteRequest {
  at?: Point;
  from?: WireEnd;
}

export interface UiState {
  palette: PaletteRequest | undefined;
  left: string | undefined;
  right: string | undefined;
  dialog: string | undefined;
  selection: readonly string[];
  toasts: Toast[];
  /** Said by the live region. */
  news: string;
}

export interface UiStore extends StoreApi<UiState> {
  toggle(side: "left" | "right", panel: string): void;
  select(nodes: readonly string[]): void;
  toast(toast: Omit<Toast, "id">): void;
  dismiss(id: string): void;
  say(news: string): void;
}

export function createUi(): UiStore {
  const store = createStore<UiState>(() => ({
    left: undefined,
    right: "inspector",
    dialog: undefined,
    palette: undefined,
    selection: [],
    toasts: [],
    news: "",
  }));
  return {
    ...store,
    toggle: (side, panel) => store.setState((state) => ({ [side]: state[side] === panel ? undefined : panel })),
    select: (selection) => store.setState({ selection }),
    toast: (toast) =>
      store.setState(({ toasts }) => ({ toasts: [...toasts.slice(-3), { ...toast, id: crypto.randomUUID() }] })),
    dismiss: (id) => store.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
    say: (news) => store.setState({ news }),
  };
}
