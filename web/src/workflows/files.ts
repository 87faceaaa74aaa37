/** Opening, saving and closing workflows; what is asked of the user stands in the store. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type WorkflowFile } from "../document/model";
import { type Tab, type TabsStore, isDirty } from "../document/tabs";
import { type Source, readText, writeText } from "../document/text";
import { type Saved, type Stored, readStored, removeStored, writeStored } from "./library-api";
import { freeName } from "./name";

const MOST_CLOSED = 20;

export interface ClosedTab {
  file: WorkflowFile;
  name?: string;
  etag?: string;
  source?: Source;
  dirty: boolean;
}

export type Question =
  | { kind: "name"; tab: string }
  | { kind: "conflict"; tab: string; name: string; theirs: Stored | undefined }
  | { kind: "close"; tab: string }
  | { kind: "versions"; name: string };

export interface FilesState {
  question?: Question;
  closed: ClosedTab[];
  /** Tabs whose workflow is open in another window too, or was saved there. */
  elsewhere: Record<string, "open" | "saved">;
}

/** Where workflows are kept; tests keep them in memory. */
export interface Keeper {
  read(name: string): Promise<Stored>;
  write(name: string, text: string, etag: string | undefined): Promise<Saved>;
  remove(name: string, etag: string): Promise<void>;
}

const LIBRARY: Keeper = { read: readStored, write: writeStored, remove: removeStored };

export class Files {
  readonly store: StoreApi<FilesState> = createStore<FilesState>(() => ({ closed: [], elsewhere: {} }));

  constructor(
    private readonly tabs: TabsStore,
    private readonly keeper: Keeper = LIBRARY,
    /** Told after each save, for other windows. */
    private readonly saved: (name: string, etag: string) => void = () => undefined,
  ) {}

  ask(question: Question | undefined): void {
    this.store.setState({ question });
  }

  /** Opens a workflow of the library, or goes to its tab. */
  async open(name: string): Promise<void> {
    const open = this.tabs.getState().tabs.find((tab) => tab.name === name);
    if (open) return this.tabs.activate(open.id);
    const { text, etag } = await this.keeper.read(name);
    const read = readText(text);
    this.tabs.open({ ...read, name, etag });
  }

  /** Saves a tab under its name; one without a name asks for one. True when it is saved. */
  async save(id: string): Promise<boolean> {
    const tab = this.tab(id);
    if (!tab) return false;
    if (tab.name === undefined) {
      this.ask({ kind: "name", tab: id });
      return false;
    }
    return this.write(tab, tab.name, tab.etag);
  }

  /** Saves under another name; the tab goes on with it. */
  async saveAs(id: string, name: string): Promise<boolean> {
    const tab = this.tab(id);
    return tab ? this.write(tab, name, name === tab.name ? tab.etag : undefined) : false;
  }

  async rename(id: string, name: string): Promise<boolean> {
    const tab = this.tab(id);
    if (!tab || name === tab.name) return false;
    const { name: before, etag } = tab;
    if (!(await this.saveAs(id, name))) return false;
    if (before !== undefined && etag !== undefined) await this.keeper.remove(before, etag);
    return true;
  }

  /** Mine in the place of theirs, which stays among the versions. */
  async keepMine(): Promise<boolean> {
    const { tab, question } = this.conflict();
    if (!tab || !question) return false;
    this.ask(undefined);
    return this.write(tab, question.name, question.theirs?.etag);
  }

  /** Theirs in the tab; mine is one undo away. */
  keepTheirs(label: string): void {
    const { tab, question } = this.conflict();
    this.ask(undefined);
    if (tab && question?.theirs) this.show(tab.id, question.theirs, label);
  }

  /** Theirs stays, mine is saved beside it and the tab goes on with it. */
  async keepBoth(isTaken: (name: string) => boolean): Promise<boolean> {
    const { tab, question } = this.conflict();
    if (!tab || !question) return false;
    this.ask(undefined);
    const name = freeName(`${question.name}_mine`, isTaken);
    return this.write(tab, name, undefined);
  }

  /** Another window has saved: a tab without changes of its own shows what is there now. */
  async savedElsewhere(name: string, label: string): Promise<void> {
    const tab = this.tabs.getState().tabs.find((open) => open.name === name);
    if (!tab) return;
    if (isDirty(tab, tab.document.getState().revision)) return this.note(tab.id, "saved");
    this.show(tab.id, await this.keeper.read(name), label);
  }

  note(id: string, what: "open" | "saved" | undefined): void {
    this.store.setState(({ elsewhere: { [id]: _before, ...others } }) => ({ elsewhere: what ? { ...others, [id]: what } : others }));
  }

  /** Closes a tab; unsaved work can be had back with `reopen`. */
  close(id: string): void {
    const tab = this.tab(id);
    if (!tab) return;
    const { file, revision } = tab.document.getState();
    const { name, etag, source } = tab;
    const empty = Object.keys(file.nodes).length === 0 && name === undefined;
    const gone: ClosedTab = { file, dirty: isDirty(tab, revision), name, etag, source };
    this.note(id, undefined);
    this.tabs.close(id);
    this.store.setState(({ closed }) => ({ question: undefined, closed: empty ? closed : [gone, ...closed].slice(0, MOST_CLOSED) }));
  }

  reopen(): void {
    const [last, ...closed] = this.store.getState().closed;
    if (!last) return;
    this.store.setState({ closed });
    const tab = this.tabs.open(last);
    if (last.dirty) this.tabs.update(tab.id, { savedRevision: -1 });
  }

  /** Puts what the library has into a tab, as one step that can be undone. */
  private show(id: string, stored: Stored, label: string): void {
    const tab = this.tab(id);
    if (!tab) return;
    const { file, source } = readText(stored.text);
    tab.document.replace(file, label);
    const { revision } = tab.document.getState();
    this.tabs.update(id, { etag: stored.etag, source, savedRevision: revision });
    if (this.store.getState().elsewhere[id] === "saved") this.note(id, undefined);
  }

  private async write(tab: Tab, name: string, etag: string | undefined): Promise<boolean> {
    tab.document.settle();
    const { file, revision } = tab.document.getState();
    const text = writeText(file, tab.source);
    const answer = await this.keeper.write(name, text, etag);
    if (answer.kind === "conflict") {
      // The very same bytes are no conflict: a save whose answer was lost comes back like this.
      if (answer.theirs?.text === text) return this.settled(tab.id, name, answer.theirs.etag, { text, file }, revision);
      this.ask({ kind: "conflict", tab: tab.id, name, theirs: answer.theirs });
      return false;
    }
    return this.settled(tab.id, name, answer.etag, { text, file }, revision);
  }

  private settled(id: string, name: string, etag: string, source: Source, revision: number): boolean {
    this.tabs.update(id, { name, etag, source, savedRevision: revision });
    if (this.store.getState().elsewhere[id] === "saved") this.note(id, undefined);
    this.saved(name, etag);
    return true;
  }

  private conflict(): { tab?: Tab; question?: Extract<Question, { kind: "conflict" }> } {
    const { question } = this.store.getState();
    return question?.kind === "conflict" ? { tab: this.tab(question.tab), question } : {};
  }

  private tab(id: string): Tab | undefined {
    return this.tabs.getState().tabs.find((tab) => tab.id === id);
  }
}
