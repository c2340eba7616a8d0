/** A payload as a tree, with its text one click away. */
import type { ReactElement } from 'react';
import { JsonView } from 'react-json-view-lite';
import { t } from '../../shared/i18n/translate.ts';
import { CopyButton } from './ids.tsx';

const LOOK = {
  container: 'json',
  basicChildStyle: 'json-child',
  childFieldsContainer: 'json-fields',
  label: 'json-label',
  clickableLabel: 'json-label',
  nullValue: 'json-null',
  undefinedValue: 'json-null',
  stringValue: 'json-string',
  booleanValue: 'json-literal',
  numberValue: 'json-literal',
  otherValue: 'json-literal',
  punctuation: 'json-punctuation',
  expandIcon: 'json-expand',
  collapseIcon: 'json-collapse',
  collapsedContent: 'json-collapsed',
  noQuotesForStringValues: false,
};

/** Shows any JSON value. Two levels are open at first. */
export function JsonTree({ value, label }: { value: unknown; label: string }): ReactElement {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  const isTree = typeof value === 'object' && value !== null;
  return (
    <div className="json-box">
      <CopyButton text={text} label={t('Copy {what} as JSON', { what: label })} />
      {isTree ? (
        <JsonView data={value} style={LOOK} shouldExpandNode={(level) => level < 3} clickToExpandNode aria-label={label} />
      ) : (
        <pre className="json">{text}</pre>
      )}
    </div>
  );
}
