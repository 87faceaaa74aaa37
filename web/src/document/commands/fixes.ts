/** Applies the edits that a problem's fix lists, as the engine itself does it. */

import { type InputValue, type JsonObject, type WorkflowFile } from "../model";
import { type Change, withInput } from "./change";
import { freshId } from "./nodes";

export interface NewStep {
  type: string;
  reads: string;
  gives: string;
  inputs: JsonObject;
}

export interface FixEdit {
  step: string;
  input: string;
  value: InputValue | null;
  via: NewStep | null;
}

export function applyEdits(edits: readonly FixEdit[]): Change {
  return (file) => edits.reduce(applyEdit, file);
}

function applyEdit(file: WorkflowFile, edit: FixEdit): WorkflowFile {
  if (edit.via) return putBefore(file, edit, edit.via);
  return withInput(file, edit.step, edit.input, edit.value ?? undefined);
}

/** Puts a new step before an input; before every item of a list one of its own. */
function putBefore(file: WorkflowFile, edit: FixEdit, via: NewStep): WorkflowFile {
  const old = file.nodes[edit.step]?.inputs?.[edit.input];
  const nodes = { ...file.nodes };
  const through = (value: InputValue | undefined): InputValue => {
    const id = freshId(via.type, nodes);
    const inputs = { ...(value === undefined ? {} : { [via.reads]: value }), ...via.inputs } as Record<string, InputValue>;
    nodes[id] = { type: via.type, inputs };
    return { link: `${id}.${via.gives}` };
  };
  const next = Array.isArray(old) ? old.map(through) : through(old);
  return withInput({ ...file, nodes }, edit.step, edit.input, next);
}
