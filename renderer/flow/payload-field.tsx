/** One field of a payload, by its kind. */
import { Checkbox, JsonInput, Select, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { PayloadField } from './payload-fields.ts';

interface FieldProps {
  field: PayloadField;
  value: string | boolean;
  error: string | undefined;
  onChange(value: string | boolean): void;
}

/** See the file. */
export function Field({ field, value, error, onChange }: FieldProps): ReactElement {
  const { name, kind, required, description, choices } = field;
  const shared = { label: name, description, withAsterisk: required, error };
  if (typeof value === 'boolean') {
    return <Checkbox label={name} description={description} error={error} checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  if (kind === 'choice') {
    return <Select {...shared} data={[...choices]} value={value === '' ? null : value} clearable={!required} onChange={(next) => onChange(next ?? '')} />;
  }
  if (kind === 'json') {
    return <JsonInput {...shared} value={value} onChange={onChange} autosize minRows={2} maxRows={10} classNames={{ input: 'mono' }} />;
  }
  if (kind === 'text' && value.length > 80) {
    return <Textarea {...shared} value={value} autosize onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <TextInput {...shared} value={value} inputMode={kind === 'text' ? 'text' : 'decimal'} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}
