import { type KeyboardEvent, useEffect, useState } from "react";
import { uploadInput } from "../api/inputs";
import { setInput } from "../document/commands/inputs";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { runName, shownName } from "../workflows/name";
import { MaskCanvas } from "./MaskCanvas";
import { MaskTools } from "./MaskTools";
import styles from "./Mask.module.css";
import { type MaskLayer, type Rect } from "./layer";
import { layerOf, loadPicture, maskFile } from "./pixels";
import { type MaskTask } from "./store";
import { type Tool } from "./usePainting";

export interface Settings {
  tool: Tool;
  /** Across, in pixels of the picture. */
  size: number;
  hardness: number;
  opacity: number;
}

interface Loaded {
  layer: MaskLayer;
  picture?: ImageBitmap;
}

/** The mask of a node, painted over the picture it belongs to. */
export function MaskPainter({ task }: { task: MaskTask }) {
  const t = useT();
  const { desk, ui, document, tabs } = useSession();
  const [loaded, setLoaded] = useState<Loaded>();
  const [settings, setSettings] = useState<Settings>({ tool: "brush", size: 24, hardness: 0.8, opacity: 0.55 });
  const [stale, setStale] = useState<Rect & { at: number }>();
  const [revision, setRevision] = useState(0);
  const [isSaving, setSaving] = useState(false);
  const close = (): void => desk.mask.setState({ task: undefined });

  useEffect(() => {
    let isHere = true;
    void load(task, (reason) => ui.toast({ kind: "error", text: t("mask.noPicture", { reason }) })).then((found) => {
      if (!isHere) return;
      setLoaded(found);
      setSettings((now) => ({ ...now, size: Math.max(4, Math.round(Math.max(found.layer.width, found.layer.height) / 10)) }));
    });
    return () => {
      isHere = false;
    };
  }, [task, ui, t]);

  if (!loaded) return null;
  const { layer, picture } = loaded;
  const act = (area: Rect | undefined): void => {
    if (area) setStale({ ...area, at: revision });
    setRevision((now) => now + 1);
  };
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      const name = await uploadInput(await maskFile(layer, `mask-${plain(shownName(runName(tabs.current())))}-${plain(task.node)}.png`));
      document.apply({ label: t("mask.apply", { node: task.node }), do: setInput(task.node, task.input, name) });
      close();
    } catch (error) {
      ui.toast({ kind: "error", text: t("mask.failed", { reason: error instanceof Error ? error.message : "" }) });
      setSaving(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const isUndo = (event.ctrlKey || event.metaKey) && event.code === "KeyZ";
    const tools: Record<string, Tool> = { KeyB: "brush", KeyE: "erase", KeyF: "fill" };
    const tool = tools[event.code];
    if (isUndo) act(event.shiftKey ? layer.redo() : layer.undo());
    else if ((event.ctrlKey || event.metaKey) && event.code === "KeyY") act(layer.redo());
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.code === "BracketLeft") setSettings((now) => ({ ...now, size: Math.max(1, Math.round(now.size / 1.2) - 1) }));
    else if (event.code === "BracketRight") setSettings((now) => ({ ...now, size: Math.min(512, Math.round(now.size * 1.2) + 1) }));
    else if (tool) setSettings((now) => ({ ...now, tool }));
    else return;
    event.preventDefault();
  };

  return (
    <Dialog bare title={t("mask.title")} closeLabel={t("mask.close")} onClose={close} full>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the whole dialog; each has a button too */}
      <div className={styles.painter} onKeyDown={onKeyDown}>
        <header className={styles.head}>
          <h2>{t("mask.title")}</h2>
          <span className={styles.node}>{task.node}</span>
          <span className={styles.grow} />
          <Button onClick={close}>{t("files.cancel")}</Button>
          <Button look="primary" disabled={isSaving} onClick={() => void save()}>
            {t(isSaving ? "mask.saving" : "mask.save")}
          </Button>
        </header>
        <MaskTools layer={layer} settings={settings} revision={revision} onSettings={setSettings} onAct={act} />
        <MaskCanvas layer={layer} picture={picture} settings={settings} stale={stale} onChanged={() => setRevision((now) => now + 1)} />
      </div>
    </Dialog>
  );
}

/** What cannot be read is told and left out: there is always something to paint on. */
async function load(task: MaskTask, failed: (reason: string) => void): Promise<Loaded> {
  const [picture, mask] = await Promise.allSettled([task.picture, task.mask].map((address) => (address ? loadPicture(address) : Promise.resolve(undefined))));
  if (picture?.status === "rejected") failed(picture.reason instanceof Error ? picture.reason.message : String(picture.reason));
  const below = picture?.status === "fulfilled" ? picture.value : undefined;
  return { picture: below, layer: layerOf(below, mask?.status === "fulfilled" ? mask.value : undefined) };
}

function plain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60);
}
