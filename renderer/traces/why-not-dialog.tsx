/** "Why did this not happen?": name what was expected of a trace, and read step by step what became of it. */
import { Autocomplete, Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { ErrorNotice } from '../kit/notices.tsx';
import { StepSign } from '../kit/status.tsx';
import { StepList } from '../kit/steps.tsx';

/** The dialog; its question is forgotten when it closes. */
export function WhyNotDialog({ correlationId, opened, onClose }: { correlationId: string; opened: boolean; onClose(): void }): ReactElement {
  return (
    <Modal opened={opened} onClose={onClose} title={t('Why did this not happen?')} size="lg" closeButtonProps={{ 'aria-label': t('Close') }}>
      {opened ? <Question correlationId={correlationId} onClose={onClose} /> : null}
    </Modal>
  );
}

function Question({ correlationId, onClose }: { correlationId: string; onClose(): void }): ReactElement {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const [offering, setOffering] = useState(false);
  const jobs = useQuery(api.catalogue.jobs.queryOptions());
  const events = useQuery(api.catalogue.events.queryOptions());
  const answer = useQuery(api.traces.whyNot.queryOptions({ input: { correlationId, expected: asked ?? '' }, enabled: asked !== null, retry: false }));
  const offers = useMemo(
    () => [
      { group: t('Jobs'), items: [...new Set(jobs.data?.map(({ type }) => type))] },
      { group: t('Events'), items: [...new Set(events.data?.map(({ type }) => type))] },
    ],
    [jobs.data, events.data],
  );
  const ask = (expected: string): void => {
    // The offers would lie over the answer.
    setOffering(false);
    if (expected.trim() !== '') setAsked(expected.trim());
  };
  return (
    <>
      <p className="quiet">{t('Name the event or the job that you expected in this trace. The answer follows what leads to it, one step after the other.')}</p>
      <form
        className="why-form"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          ask(text);
        }}
      >
        <Autocomplete
          data-autofocus
          className="toolbar-grow"
          aria-label={t('Expected event or job')}
          placeholder={t('communication.MessageSent or SendOutgoingMessageJob')}
          data={offers}
          value={text}
          onChange={(next) => {
            setText(next);
            setOffering(true);
          }}
          onOptionSubmit={ask}
          dropdownOpened={offering && text.trim() !== ''}
          onDropdownOpen={() => setOffering(true)}
          onDropdownClose={() => setOffering(false)}
          maxDropdownHeight={280}
          limit={20}
          classNames={{ input: 'mono' }}
        />
        <Button type="submit" disabled={text.trim() === ''}>
          {t('Ask')}
        </Button>
      </form>
      {answer.error && asked !== null ? <ErrorNotice what={t('That could not be answered')} error={answer.error} /> : null}
      {answer.data && answer.data.expected === asked ? (
        <section aria-label={t('Answer')} className="why-answer">
          <h3>
            <span className="mono">{answer.data.expected}</span> <StepSign verdict={answer.data.verdict} />
          </h3>
          <StepList steps={answer.data.steps} correlationId={correlationId} onFollow={onClose} />
        </section>
      ) : null}
    </>
  );
}
