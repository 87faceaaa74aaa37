/** Addresses of preview pictures: only the newest of a step is ever made, and none outlives its use. */

import { type Preview } from "../api/events";
import { type Steps } from "./store";

type Later = (draw: () => void) => void;

/** Before the next frame is drawn; where nothing is drawn (a tab in the back) soon. */
const NEXT_FRAME: Later = (draw) => {
  if (typeof document !== "undefined" && document.visibilityState === "visible") requestAnimationFrame(draw);
  else setTimeout(draw, 100);
};

export class PreviewUrls {
  private readonly waiting = new Map<string, { preview: Preview; shown(url: string): void }>();
  private readonly urls = new Map<string, string>();

  constructor(
    private readonly later: Later = NEXT_FRAME,
    private readonly make: Pick<typeof URL, "createObjectURL" | "revokeObjectURL"> = URL,
  ) {}

  /** Frames that come faster than they can be drawn overtake each other here. */
  show(preview: Preview, shown: (url: string) => void): void {
    if (this.waiting.size === 0) this.later(() => this.flush());
    this.waiting.set(place(preview.run, preview.step), { preview, shown });
  }

  /** Revokes what no step shows any more. */
  keepOnly(stepsOf: Record<string, Steps>): void {
    for (const [key, url] of this.urls) {
      const [run = "", step = ""] = parts(key);
      if (stepsOf[run]?.[step]?.previewUrl !== url) this.forget(key, url);
    }
  }

  drop(run: string, steps: Steps): void {
    for (const step of Object.keys(steps)) this.waiting.delete(place(run, step));
  }

  private flush(): void {
    const shown = [...this.waiting];
    this.waiting.clear();
    for (const [key, { preview, shown: tell }] of shown) {
      const before = this.urls.get(key);
      const url = this.make.createObjectURL(preview.picture);
      this.urls.set(key, url);
      tell(url);
      if (before) this.make.revokeObjectURL(before);
    }
  }

  private forget(key: string, url: string): void {
    this.urls.delete(key);
    this.make.revokeObjectURL(url);
  }
}

function place(run: string, step: string): string {
  return `${run}/${step}`;
}

function parts(key: string): [string, string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}
