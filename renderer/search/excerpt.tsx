/** An excerpt with its matches marked. */
import { Fragment, type ReactElement } from 'react';
import { splitExcerpt } from './split-excerpt.ts';

/** Matches come between « and ». */
export function Excerpt({ text }: { text: string }): ReactElement {
  const parts = splitExcerpt(text);
  return (
    <p className="excerpt" title={parts.map((part) => part.text).join('')}>
      {parts.map((part) => (part.match ? <mark key={part.at}>{part.text}</mark> : <Fragment key={part.at}>{part.text}</Fragment>))}
    </p>
  );
}
