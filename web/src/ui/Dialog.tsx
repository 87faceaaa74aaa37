import { type ReactNode, useLayoutEffect, useRef } from "react";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";

export interface DialogProps {
  title: string;
  closeLabel: string;
  onClose(): void;
  children: ReactNode;
  /** Without a frame of its own: the title is only told. */
  bare?: boolean;
  width?: number;
  /** Nearly the whole window. */
  full?: boolean;
}

/** A modal: the browser keeps the focus in it and gives it back. */
export function Dialog({ title, closeLabel, onClose, children, bare, width, full }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element?.open) element?.showModal();
    return () => element?.close();
  }, []);

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- Escape closes it too
    <dialog
      ref={box}
      aria-label={title}
      className={styles.dialog}
      data-bare={bare || undefined}
      data-full={full || undefined}
      style={{ width }}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === box.current && onClose()}
      onKeyDown={(event) => event.stopPropagation()}
    >
      {!bare && (
        <header className={styles.head}>
          <h2>{title}</h2>
          <IconButton icon="close" label={closeLabel} onClick={onClose} />
        </header>
      )}
      <div className={styles.body}>{children}</div>
    </dialog>
  );
}
