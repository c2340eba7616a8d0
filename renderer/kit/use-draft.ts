/** What a person is typing into a field whose value also changes from outside (a link, the back button). */
import { useState } from 'react';

/** The draft holds until `outside` changes; then the new outside value stands. */
export function useDraft(outside: string): [text: string, setText: (text: string) => void] {
  const [draft, setDraft] = useState({ outside, text: outside });
  return [draft.outside === outside ? draft.text : outside, (text) => setDraft({ outside, text })];
}
