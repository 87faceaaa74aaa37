/** Names: of a workflow in the library, of its runs, and what people see of it. */

import { type WorkflowFile } from "../document/model";
import { type Tab } from "../document/tabs";

// oxlint-disable-next-line no-control-regex -- a file name may have none of them
const FORBIDDEN = /[\u0000-\u001f/\\:*?"<>|]/;

/** Whether the library can keep a workflow under a name: one path part, or folder/name. */
export function isName(name: string): boolean {
  const parts = name.split("/");
  return (
    parts.length <= 2 &&
    !name.endsWith(".schema") &&
    parts.every((part) => part.length > 0 && part.length <= 120 && !FORBIDDEN.test(part) && part === part.replace(/^[ .]+|[ .]+$/g, ""))
  );
}

const UNSAVED = /~[0-9a-f]{8}$/;

/** What the runs of a tab are called: steady, so that "what changed since last time" can be told. */
export function runName(tab: Pick<Tab, "id" | "name" | "document">): string {
  const title = titleOf(tab, tab.document.getState().file, "");
  return tab.name ?? `${title.replaceAll("/", "-").slice(0, 80)}~${tab.id.slice(0, 8)}`;
}

/** A run's name as people read it; empty for what had no title. */
export function shownName(name: string): string {
  return name.replace(UNSAVED, "").replace(/^.*\//, "");
}

/** The title of a tab: its name in the library, else the title written in the file. */
export function titleOf(tab: Pick<Tab, "name">, file: WorkflowFile, untitled: string): string {
  if (tab.name !== undefined) return tab.name.slice(tab.name.lastIndexOf("/") + 1);
  const title = file.meta?.["title"];
  return typeof title === "string" && title.trim() ? title : untitled;
}

/** A name that can be kept, made of a title. */
export function nameFrom(title: string): string {
  return title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "_").replaceAll(/^_+|_+$/g, "").slice(0, 80) || "workflow";
}

/** `name`, or `name_2`, `name_3` and so on: the first that is not taken. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number += 1) {
    const tried = `${name}_${number}`;
    if (!isTaken(tried)) return tried;
  }
}
