/** Seeds that change from run to run are drawn as a run is handed in (`widgets/seed.ts`); here is how that stops. */

import { type WorkflowFile } from "../document/model";

/** Without policies: what reproduces a run must not draw new seeds (every seed stays the one that was used). */
export function asFixed(file: WorkflowFile): WorkflowFile {
  if (!file.layout?.seeds) return file;
  const { seeds: _policies, ...layout } = file.layout;
  return { ...file, layout };
}
