/** Everything that can be done, in one table: menus, shortcuts, the palette and the help are made from it. */

import { type Action } from "./action";
import { addGroupAction } from "./add-group";
import { addNoteAction } from "./add-note";
import { alignBottom, alignLeft, alignRight, alignTop, distributeAcross, distributeDown } from "./align";
import { layout } from "./auto-layout";
import { bypass } from "./bypass";
import { cancel } from "./cancel-run";
import { closeTab } from "./close-tab";
import { collapse } from "./collapse";
import { copy } from "./copy";
import { cut } from "./cut";
import { duplicate } from "./duplicate";
import { find } from "./find";
import { fit } from "./fit";
import { fitSelection } from "./fit-selection";
import { minimap } from "./minimap";
import { mute } from "./mute";
import { newTab } from "./new-tab";
import { commands } from "./open-commands";
import { openFile } from "./open-file";
import { palette } from "./open-palette";
import { paste } from "./paste";
import { pasteWired } from "./paste-wired";
import { pinPlan } from "./pin-plan";
import { redo } from "./redo";
import { remove } from "./remove";
import { rename } from "./rename";
import { reopenTab } from "./reopen-tab";
import { runFront } from "./run-front";
import { run } from "./run-graph";
import { runTo } from "./run-to-node";
import { save } from "./save";
import { saveAs } from "./save-as";
import { selectAbove } from "./select-above";
import { selectAll } from "./select-all";
import { selectBelow } from "./select-below";
import { showSettings } from "./show-settings";
import { shortcuts } from "./show-shortcuts";
import { templates } from "./show-templates";
import { undo } from "./undo";
import { unselect } from "./unselect";
import { zoomIn } from "./zoom-in";
import { zoomOut } from "./zoom-out";
import { zoomReset } from "./zoom-reset";

export const ACTIONS = {
  run,
  runFront,
  runTo,
  cancel,
  plan: pinPlan,
  palette,
  undo,
  redo,
  cut,
  copy,
  paste,
  pasteWired,
  duplicate,
  remove,
  rename,
  mute,
  bypass,
  find,
  selectAll,
  selectAbove,
  selectBelow,
  unselect,
  collapse,
  group: addGroupAction,
  note: addNoteAction,
  layout,
  alignLeft,
  alignRight,
  alignTop,
  alignBottom,
  distributeAcross,
  distributeDown,
  fit,
  fitSelection,
  zoomIn,
  zoomOut,
  zoomReset,
  minimap,
  templates,
  save,
  saveAs,
  openFile,
  newTab,
  closeTab,
  reopenTab,
  commands,
  shortcuts,
  settings: showSettings,
} satisfies Record<string, Action>;

export type ActionId = keyof typeof ACTIONS;

export const ACTION_IDS = Object.keys(ACTIONS) as ActionId[];

/** The action as any other: which ones have keys, or can be disabled, is no part of its type. */
export function actionOf(id: ActionId): Action {
  return ACTIONS[id];
}
