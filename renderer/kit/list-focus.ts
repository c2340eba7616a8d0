/** Which list the keys j, k and Enter belong to: the one that was mounted or touched last. */
export interface KeyboardList {
  move(by: number): void;
  open(): void;
  /** Pick the active row for an action, or unpick it. */
  pick?(): void;
  /** Open the branch of the active row, or close it. */
  expand?(open: boolean): void;
}

const lists: KeyboardList[] = [];

/** Register a list while it is on screen. */
export function registerList(list: KeyboardList): () => void {
  lists.push(list);
  return () => {
    const at = lists.indexOf(list);
    if (at >= 0) lists.splice(at, 1);
  };
}

/** The list that the keys move in now. */
export function focusedList(): KeyboardList | undefined {
  return lists.at(-1);
}
