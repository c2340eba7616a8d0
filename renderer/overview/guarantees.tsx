/** The guarantee panel: what the site promises, and whether it holds, as measured. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { say, t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { Trans } from '../i18n/trans.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Section } from '../kit/page.tsx';
import { GuaranteeSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';

/** See the file. */
export function GuaranteePanel(): ReactElement {
  const { data, error, refetch } = useQuery(api.guarantees.check.queryOptions({ refetchInterval: 10_000 }));
  return (
    <Section title={t('Guarantees')} aside={data ? <span className="quiet"><Trans message="measured <age/>" parts={{ age: <Ago at={data.measuredMs} says="ago" /> }} /></span> : null}>
      {error && !data ? <ErrorNotice what={t('The guarantees could not be checked')} error={error} retry={() => void refetch()} /> : null}
      {data ? (
        <ul className="guarantees">
          {data.guarantees.map(({ id, title, verdict, words: found, remedy }) => (
            <li key={id}>
              <GuaranteeSign verdict={verdict} />
              <div>
                {t(title)}
                <span className="quiet"> {say(found)}</span>
                {remedy === null ? null : <div className="guarantee-remedy">{say(remedy)}</div>}
              </div>
            </li>
          ))}
        </ul>
      ) : error ? null : (
        <SkeletonRows rows={6} />
      )}
    </Section>
  );
}
