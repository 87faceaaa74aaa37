/** One open workflow: the file, and the way back through every change made to it. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type WorkflowFile } from "./model";
import { type Patch, applyPatches, diff, invert } from "./patch";

/** A change, as a pure step from file to file; `label` names it in the undo menu. */
export interface Command {
  label: string;
  do(file: WorkflowFile): WorkflowFile;
  /** Changes in a row with the same gesture are one step back: typing in a field, nudging a node. */
  gesture?: string;
}

export interface DocumentState {
  file: WorkflowFile;
  /** Grows with every change, undo and redo. */
  revision: number;
  /** What the last change was, for the live region. */
  label?: string;
  undoLabel?: string;
  redoLabel?: string;
}

export interface DocumentStore extends StoreApi<DocumentState> {
  apply(command: Command): void;
  undo(): void;
  redo(): void;
  /** Ends the gesture: what comes next is its own step. */
  settle(): void;
  /** Puts another file in place (the server's version, after a conflict): one step that can be undone. */
  replace(file: WorkflowFile, label: string): void;
}

interface Step {
  label: string;
  /** One list per change of the gesture: each is undone as a whole, the last one first. */
  changes: Patch[][];
  gesture: string | undefined;
  at: number;
}

const MOST_STEPS = 1000;
const TYPING_PAUSE_MS = 700;

export function createDocument(json: WorkflowFile, now: () => number = Date.now): DocumentStore {
  const store = createStore<DocumentState>(() => ({ file: json, revision: 0 }));
  let past: Step[] = [];
  let future: Step[] = [];

  const publish = (file: WorkflowFile, label: string): void =>
    store.setState({
      file,
      label,
      revision: store.getState().revision + 1,
      undoLabel: past.at(-1)?.label,
      redoLabel: future.at(-1)?.label,
    });

  const apply = (command: Command): void => {
    const before = store.getState().file;
    const after = command.do(before);
    const patches = diff(before, after);
    if (patches.length === 0) return;
    const last = past.at(-1);
    const continues =
      command.gesture !== undefined && last?.gesture === command.gesture && now() - last.at < TYPING_PAUSE_MS;
    if (continues && last) {
      last.changes.push(patches);
      last.at = now();
    } else {
      past = [...past.slice(1 - MOST_STEPS), { label: command.label, changes: [patches], gesture: command.gesture, at: now() }];
    }
    future = [];
    publish(after, command.label);
  };

  const undo = (): void => {
    const step = past.at(-1);
    if (!step) return;
    past = past.slice(0, -1);
    future = [...future, step];
    const back = step.changes.toReversed().map(invert);
    publish(back.reduce(applyPatches, store.getState().file), step.label);
  };

  const redo = (): void => {
    const step = future.at(-1);
    if (!step) return;
    future = future.slice(0, -1);
    past = [...past, { ...step, gesture: undefined }];
    publish(step.changes.reduce(applyPatches, store.getState().file), step.label);
  };

  const settle = (): void => {
    const last = past.at(-1);
    if (last) last.gesture = undefined;
  };

  return {
    ...store,
    apply,
    undo,
    redo,
    settle,
    replace: (file, label) => apply({ label, do: () => file }),
  };
}
