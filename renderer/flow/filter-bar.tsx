/** The query box of Flow with its offers, the form that writes it, and the domain. */
import { Autocomplete, Select } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useMemo, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { orderDomains } from '../kit/domains.ts';
import { useDraft } from '../kit/use-draft.ts';
import { FilterBuilder } from './filter-builder.tsx';
import { type FlowQuery, parseFlowQuery, suggestQueries, writeFlowQuery } from './flow-query.ts';

/** Above the list. */
export function FilterBar({ query, onChange }: { query: FlowQuery; onChange(next: FlowQuery): void }): ReactElement {
  const written = writeFlowQuery(query);
  const [text, setText] = useDraft(written);
  const [problem, setProblem] = useState<string | null>(null);

  const known = useQuery(api.flow.sources.queryOptions({ refetchInterval: 30_000 }));
  const domains = useMemo(() => orderDomains((known.data?.types ?? []).map((type) => type.slice(0, type.indexOf('.')))), [known.data]);
  const offers = useMemo(
    () => suggestQueries(text, { types: known.data?.types ?? [], sources: known.data?.sources ?? [], domains }),
    [text, known.data, domains],
  );
  const apply = (value: string): void => {
    const parsed = parseFlowQuery(value, Date.now(), domains.length > 0 ? domains : undefined);
    setProblem(parsed.problem);
    if (parsed.problem === null) onChange(parsed.query);
  };

  return (
    <div className="toolbar">
      <Autocomplete
        className="toolbar-grow"
        aria-label={t('Filter')}
        data-page-filter
        placeholder={t('type:rule.*  source:crm  data.customer.id=42   (press /)')}
        leftSection={<IconFilter size={14} />}
        value={text}
        data={offers}
        filter={({ options }) => options}
        onChange={(value) => {
          setText(value);
          setProblem(null);
          if (value === '') apply('');
        }}
        onOptionSubmit={apply}
        onKeyDown={(event) => {
          if (event.key === 'Enter') apply(event.currentTarget.value);
        }}
        onBlur={() => text !== written && apply(text)}
        error={problem}
        clearable
        classNames={{ input: 'mono' }}
      />
      <FilterBuilder query={query} known={{ types: known.data?.types ?? [], sources: known.data?.sources ?? [] }} onApply={(value) => (setText(value), apply(value))} />
      <Select
        aria-label={t('Domain')}
        placeholder={t('Any domain')}
        clearable
        w={160}
        data={orderDomains([...domains, ...(query.domain === undefined ? [] : [query.domain])])}
        value={query.domain ?? null}
        onChange={(domain) => onChange({ ...query, domain: domain ?? undefined })}
      />
    </div>
  );
}
