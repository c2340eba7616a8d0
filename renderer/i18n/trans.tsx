/** A message with elements inside: `<Trans message="Press <key>?</key> for help" parts={{ key: <kbd /> }} />`. */
import type { ReactElement } from 'react';
import { Trans as I18nTrans } from 'react-i18next';
import { type MessageValues, translator } from '../../shared/i18n/translate.ts';


/** A text as it is, as one of the parts: names and other people's words are no part of a message. */
export function Verbatim({ text, className }: { text: string; className?: string }): ReactElement {
  return className === undefined ? <>{text}</> : <span className={className}>{text}</span>;
}

/** @param parts an empty element for each tag that the message names */
export function Trans({ message, values, parts }: { message: string; values?: MessageValues; parts: Readonly<Record<string, ReactElement>> }): ReactElement {
  return <I18nTrans i18n={translator} i18nKey={message} defaults={message} values={values} components={parts} />;
}
