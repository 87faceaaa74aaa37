/** What menus, keys and panels do with workflows, with what goes wrong told in a sentence. */

import { useMemo } from "react";
import { isDirty } from "../document/tabs";
import { readText, writeText } from "../document/text";
import { type PicturePlace, loadPicture } from "../gallery/load-picture";
import { type Translate, useT } from "../i18n/t";
import { type Session, useSession } from "../session";
import { readVersion } from "./library-api";
import { nameFrom, titleOf } from "./name";
import { FileRefusedError, isPlainPicture, readWorkflowFile } from "./read-file";

export interface FileActions {
  create(): void;
  open(name: string): Promise<void>;
  /** A workflow opens; a picture without one is loaded by a node. */
  openFile(file: File, place?: PicturePlace): Promise<void>;
  openVersion(name: string, number: number): Promise<void>;
  /** Puts an earlier version into the workflow's own tab, as one step that can be undone; saving keeps it. */
  restoreVersion(name: string, number: number, when: string): Promise<void>;
  save(id?: string): Promise<boolean>;
  saveAs(id: string, name: string): Promise<boolean>;
  rename(id: string, name: string): Promise<boolean>;
  /** Closes a tab, after asking where work would be lost. */
  close(id: string): void;
  reopen(): void;
  download(): void;
  copyText(): Promise<void>;
}

export function useFiles(): FileActions {
  const session = useSession();
  const t = useT();
  return useMemo(() => fileActions(session, t), [session, t]);
}

export function fileActions(session: Session, t: Translate): FileActions {
  const { desk, tabs, ui } = session;
  const told = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      ui.toast({ kind: "error", text: sentence(error, t) });
      return undefined;
    }
  };
  const named = async (work: () => Promise<boolean>, id: string): Promise<boolean> => {
    const done = (await told(work)) ?? false;
    const name = tabs.getState().tabs.find((tab) => tab.id === id)?.name;
    if (done && name) ui.say(t("files.saved", { name }));
    return done;
  };
  const front = (): { name: string; text: string } => {
    const tab = tabs.current();
    const { file } = tab.document.getState();
    return { name: tab.name ?? nameFrom(titleOf(tab, file, "workflow")), text: writeText(file, tab.source) };
  };
  return {
    create: () => void tabs.open({ file: { format: "latentgraph/1", nodes: {} } }),
    open: async (name) => void (await told(() => desk.files.open(name))),
    openFile: async (file, place = {}) => {
      await told(async () => {
        try {
          const read = await readWorkflowFile(file);
          tabs.open({ file: read.file, source: read.source });
        } catch (error) {
          if (!isPlainPicture(error)) throw error;
          // What another program drew in it is not lost without a word.
          if (error.refusal === "foreign") ui.toast({ kind: "info", text: sentence(error, t) });
          await loadPicture(session, file, place);
        }
      });
    },
    openVersion: async (name, number) => {
      const text = await told(() => readVersion(name, number));
      if (text !== undefined) await told(async () => tabs.open(readText(text)));
    },
    restoreVersion: async (name, number, when) => {
      await told(async () => {
        const { file } = readText(await readVersion(name, number));
        await desk.files.open(name);
        tabs.current().document.replace(file, t("files.restoreStep", { when }));
        ui.toast({ kind: "success", text: t("files.restoredVersion", { when }) });
      });
    },
    save: (id = tabs.current().id) => named(() => desk.files.save(id), id),
    saveAs: (id, name) => named(() => desk.files.saveAs(id, name), id),
    rename: (id, name) => named(() => desk.files.rename(id, name), id),
    close: (id) => {
      const tab = tabs.getState().tabs.find((open) => open.id === id);
      if (!tab) return;
      const { file, revision } = tab.document.getState();
      const isLost = isDirty(tab, revision) && Object.keys(file.nodes).length > 0;
      if (isLost) desk.files.ask({ kind: "close", tab: id });
      else desk.files.close(id);
    },
    reopen: () => desk.files.reopen(),
    download: () => {
      const { name, text } = front();
      downloadBlob(new Blob([text], { type: "application/json" }), `${name.replaceAll("/", "-")}.json`);
    },
    copyText: async () => {
      await told(() => navigator.clipboard.writeText(front().text));
      ui.toast({ kind: "info", text: t("files.copied") });
    },
  };
}

function sentence(error: unknown, t: Translate): string {
  if (error instanceof FileRefusedError) return t(`files.refused.${error.refusal}`, { name: error.fileName });
  return t("files.failed", { reason: error instanceof Error ? error.message : String(error) });
}

function downloadBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
