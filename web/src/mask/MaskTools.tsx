import { type TextKey, useT } from "../i18n/t";
import { Button, IconButton } from "../ui/Button";
import { Icon, type IconName } from "../ui/Icon";
import { type Settings } from "./MaskPainter";
import styles from "./Mask.module.css";
import { type MaskLayer, type Rect } from "./layer";
import { type Tool } from "./usePainting";

export interface MaskToolsProps {
  layer: MaskLayer;
  settings: Settings;
  /** Grows with every stroke: what can be undone is asked again. */
  revision: number;
  onSettings(settings: Settings): void;
  onAct(area: Rect | undefined): void;
}

const TOOLS: readonly (readonly [Tool, IconName])[] = [
  ["brush", "brush"],
  ["erase", "eraser"],
  ["fill", "bucket"],
];

const SLIDERS = [
  { name: "size", min: 1, max: 256, step: 1, shown: (value: number) => `${value} px` },
  { name: "hardness", min: 0, max: 1, step: 0.01, shown: (value: number) => `${Math.round(value * 100)} %` },
  { name: "opacity", min: 0.1, max: 1, step: 0.01, shown: (value: number) => `${Math.round(value * 100)} %` },
] as const;

/** What is painted with, and what is done to the whole mask. */
export function MaskTools({ layer, settings, onSettings, onAct }: MaskToolsProps) {
  const t = useT();
  return (
    <div className={styles.tools}>
      <div role="radiogroup" aria-label={t("mask.tools")} className={styles.group}>
        {TOOLS.map(([tool, icon]) => (
          <button key={tool} type="button" role="radio" aria-checked={settings.tool === tool} className={styles.tool} onClick={() => onSettings({ ...settings, tool })}>
            <Icon name={icon} />
            {t(`mask.tool.${tool}`)}
          </button>
        ))}
      </div>
      {SLIDERS.map(({ name, min, max, step, shown }) => (
        <label key={name} className={styles.slider}>
          <span>{t(`mask.${name}` satisfies TextKey)}</span>
          <output>{shown(settings[name])}</output>
          <input type="range" min={min} max={max} step={step} value={settings[name]} onChange={({ target }) => onSettings({ ...settings, [name]: target.valueAsNumber })} />
        </label>
      ))}
      <div className={styles.pair}>
        <Button onClick={() => onAct(layer.change((value) => 255 - value))}>{t("mask.invert")}</Button>
        <Button onClick={() => onAct(layer.change(() => 0))}>{t("mask.clear")}</Button>
      </div>
      <div className={styles.pair}>
        <IconButton look="plain" icon="undo" label={t("mask.undo")} disabled={!layer.canUndo} onClick={() => onAct(layer.undo())} />
        <IconButton look="plain" icon="redo" label={t("mask.redo")} disabled={!layer.canRedo} onClick={() => onAct(layer.redo())} />
      </div>
      <p className={styles.help}>{t("mask.help")}</p>
      <p className={styles.keys}>{t("mask.keys")}</p>
    </div>
  );
}
