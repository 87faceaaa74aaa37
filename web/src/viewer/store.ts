/** What is looked at in full. */

import { type StoreApi, createStore } from "zustand/vanilla";

export interface Picture {
  /** Of an artifact; of a preview there is none. */
  id?: string;
  run?: string;
  name: string;
  href: string;
}

export type Way = "one" | "slider" | "side" | "flip";

export interface ViewerState {
  /** Among what one can go back and forth. */
  pictures: readonly Picture[];
  at?: number;
  /** What it is compared with. */
  other?: Picture;
  way: Way;
}

export interface ViewerStore extends StoreApi<ViewerState> {
  show(pictures: readonly Picture[], at: number): void;
  compare(picture: Picture, other: Picture, way?: Way): void;
  step(by: number): void;
  close(): void;
}

export function createViewer(): ViewerStore {
  const store = createStore<ViewerState>(() => ({ pictures: [], way: "one" }));
  return {
    ...store,
    show: (pictures, at) => store.setState({ pictures, at, other: undefined, way: "one" }),
    compare: (picture, other, way = "slider") => store.setState({ pictures: [picture], at: 0, other, way }),
    step: (by) =>
      store.setState(({ pictures, at }) => (at === undefined ? {} : { at: Math.max(0, Math.min(pictures.length - 1, at + by)) })),
    close: () => store.setState({ at: undefined, other: undefined }),
  };
}
