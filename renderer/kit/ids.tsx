/** Ids, event types and job types: short, in mono, with a copy button and a link. The same everywhere. */
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { copyText } from './copy-text.ts';
import { domainColour, domainOfType } from './domains.ts';
import { shortId } from './format.ts';

/** Copies a text; shows for a moment that it did. */
export function CopyButton({ text, label }: { text: string; label: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="copy"
      aria-label={copied ? t('Copied') : label}
      title={copied ? t('Copied') : label}
      onClick={(event) => {
        event.stopPropagation();
        void copyText(text, () => {
          setCopied(true);
          setTimeout(() => setCopied(false), 1_200);
        });
      }}
    >
      {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
    </button>
  );
}

/** An id: short (unless `full`), the whole of it on hover and by the copy button. */
export function Id({ id, to, full = false }: { id: string; to?: ReactNode; full?: boolean }): ReactElement {
  return (
    <span className="id" title={id}>
      {to ?? <span className="mono">{full ? id : shortId(id)}</span>}
      <CopyButton text={id} label={t('Copy {id}', { id })} />
    </span>
  );
}

/** A correlation, linked to its trace. */
export function TraceId({ id, full = false }: { id: string; full?: boolean }): ReactElement {
  return (
    <Id
      id={id}
      full={full}
      to={
        <Link to="/traces/$correlationId" params={{ correlationId: id }} className="mono" onClick={(event) => event.stopPropagation()}>
          {full ? id : shortId(id)}
        </Link>
      }
    />
  );
}

/** A thin mark in the domain's hue. */
export function DomainMark({ domain }: { domain: string }): ReactElement {
  return <span className="domain-mark" style={{ background: domainColour(domain) }} aria-hidden="true" />;
}

/** An event type: the domain's mark, then the name; the domain is written a little quieter. */
export function EventType({ type }: { type: string }): ReactElement {
  const domain = domainOfType(type);
  return (
    <span className="type mono" title={type}>
      <DomainMark domain={domain} />
      <span className="clip">
        <span className="type-domain">{domain}.</span>
        {type.slice(domain.length + 1)}
      </span>
    </span>
  );
}

/** A job type, with the sign that marks jobs everywhere. */
export function JobType({ type }: { type: string }): ReactElement {
  return (
    <span className="type mono" title={type}>
      <span className="job-sign" aria-hidden="true" />
      <span className="clip">{type}</span>
    </span>
  );
}
