/** What fails most: the failure families that wait for a decision, the growing ones first. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { formatCount } from '../kit/format.ts';
import { JobType } from '../kit/ids.tsx';
import { Section } from '../kit/page.tsx';
import { TrendSign } from '../kit/status.tsx';

const SHOWN = 5;
const RANK = { growing: 0, steady: 1, quiet: 2 } as const;

/** See the file. Nothing is drawn while nothing fails. */
export function FailingFamilies(): ReactElement | null {
  const families = useQuery(api.deadLetters.families.queryOptions({ input: { limit: 50 }, refetchInterval: 5_000 }));
  if (!families.data || families.data.families.length === 0) return null;
  const worst = families.data.families.toSorted((a, b) => RANK[a.trend] - RANK[b.trend] || b.waiting - a.waiting).slice(0, SHOWN);
  return (
    <Section title={t('Failing families')} aside={<Link to="/dead-letters">{t('{n, plural, one {# family} other {# families}} in all', { n: families.data.total })}</Link>}>
      <table className="table overview-families">
        <thead className="unseen"><tr><th>{t('Family')}</th><th>{t('Trend')}</th><th className="right">{t('Waiting')}</th></tr></thead>
        <tbody>
          {worst.map((family) => (
            <tr key={family.family}>
              <td>
                <Link to="/dead-letters" search={{ view: 'letters', family: family.family }}>
                  <JobType type={family.jobType} />
                </Link>
                <span className="clip quiet" title={family.template}>{family.template}</span>
              </td>
              <td><TrendSign trend={family.trend} /></td>
              <td className="right">{formatCount(family.waiting)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
