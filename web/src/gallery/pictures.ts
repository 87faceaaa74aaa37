/** The pictures that runs have made, newest first. */

import { type Artifact, type RunState, type RunSummary } from "../run/store";
import { type Picture } from "../viewer/store";

const SHOWN = /\.(png|jpe?g|webp)$/i;

export interface Made {
  run: RunSummary;
  artifact: Artifact;
}

export function isShown({ name }: Pick<Artifact, "name">): boolean {
  return SHOWN.test(name);
}

export function picturesOf({ runs, order }: Pick<RunState, "runs" | "order">): Made[] {
  return order.flatMap((id) => {
    const run = runs[id];
    return run ? run.artifacts.filter(isShown).map((artifact) => ({ run, artifact })) : [];
  });
}

export function asPicture({ run, artifact }: Made): Picture {
  return { ...artifact, run: run.id };
}
