/** Conditions as rows of fields: a path into the event, how it is compared, and with what. */
import { Autocomplete, Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import { RULE_OPERATORS } from '../../shared/rule-definition.ts';
import type { SimpleCondition, SimpleConditions } from './rule-draft.ts';

/** The same in every language. */
const EXAMPLE = { path: 'data.customer.tier', value: 'vip' };

const WORDS: Readonly<Record<(typeof RULE_OPERATORS)[number], string>> = {
  equal: message('is'), notEqual: message('is not'), contains: message('list contains'), doesNotContain: message('list lacks'), in: message('is one of'), notIn: message('is none of'),
  lessThan: message('less than'), lessThanInclusive: message('at most'), greaterThan: message('more than'), greaterThanInclusive: message('at least'),
  startsWith: message('starts with'), endsWith: message('ends with'), containsText: message('contains text'), matches: message('matches (* and ?)'), exists: message('is there (true, false)'),
};

/** @param paths to suggest. */
export function ConditionFields({ value, paths, onChange }: { value: SimpleConditions; paths: readonly string[]; onChange(next: SimpleConditions): void }): ReactElement {
  const { quantifier, rows } = value;
  const change = (index: number, part: Partial<SimpleCondition>): void => onChange({ quantifier, rows: rows.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  // Decorators such as not:startsWith are kept; they are no choice.
  const operators = (own: string) => [...RULE_OPERATORS.map((name) => ({ value: name as string, label: t(WORDS[name]) })), ...(RULE_OPERATORS.some((name) => name === own) ? [] : [{ value: own, label: own }])];
  return (
    <div className="rules-conditions">
      <SegmentedControl
        aria-label={t('How many of them must hold')}
        data={[{ value: 'all', label: t('All must hold') }, { value: 'any', label: t('One is enough') }]}
        value={quantifier}
        onChange={(next) => onChange({ quantifier: next === 'any' ? 'any' : 'all', rows })}
      />
      {rows.map((row, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- rows have no other key, and only the last is added
        <div key={index} className="rules-condition">
          <Autocomplete aria-label={t('Path of condition {n}', { n: index + 1 })} placeholder={EXAMPLE.path} data={[...paths]} limit={30} value={row.path} onChange={(path) => change(index, { path })} classNames={{ input: 'mono' }} />
          <Select aria-label={t('Comparison of condition {n}', { n: index + 1 })} data={operators(row.operator)} value={row.operator} allowDeselect={false} onChange={(operator) => change(index, { operator: operator ?? row.operator })} />
          <TextInput aria-label={t('Value of condition {n}', { n: index + 1 })} placeholder={EXAMPLE.value} value={row.value} onChange={(event) => change(index, { value: event.currentTarget.value })} classNames={{ input: 'mono' }} />
          <button type="button" className="icon-button" aria-label={t('Take condition {n} away', { n: index + 1 })} onClick={() => onChange({ quantifier, rows: rows.filter((_, at) => at !== index) })}><IconX size={14} /></button>
        </div>
      ))}
      <div>
        <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => onChange({ quantifier, rows: [...rows, { path: '', operator: 'equal', value: '' }] })}>{t('Condition')}</Button>
      </div>
    </div>
  );
}
