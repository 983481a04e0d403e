import type { Widget } from '../form-state'
import { RadioWidget, SelectWidget, ToggleWidget } from './choice'
import { CodeWidget } from './code'
import { CommandLineWidget } from './command-line'
import { CronWidget } from './cron'
import { EnvWidget } from './env'
import { ListWidget } from './list'
import { MapWidget } from './map'
import { MatrixWidget } from './matrix'
import { NoteWidget, ReadOnlyWidget } from './note'
import { NumberWidget, StepperWidget } from './number'
import { ObjectWidget, OneOfWidget } from './object'
import { RepeaterWidget } from './repeater'
import { SecretKeysWidget } from './secret-keys'
import {
  DurationWidget,
  ImageWidget,
  MonoWidget,
  PortWidget,
  QuantityWidget,
  TextareaWidget,
  TextWidget,
  UrlWidget,
} from './text'

const single = (Component: Widget['Component']): Widget => ({ single: true, Component })
const group = (Component: Widget['Component']): Widget => ({ single: false, Component })

/** Every widget by the name that hints call it. */
export const WIDGETS: Readonly<Record<string, Widget>> = {
  text: single(TextWidget),
  textarea: single(TextareaWidget),
  number: single(NumberWidget),
  stepper: single(StepperWidget),
  toggle: single(ToggleWidget),
  select: single(SelectWidget),
  radio: group(RadioWidget),
  quantity: single(QuantityWidget),
  duration: single(DurationWidget),
  port: single(PortWidget),
  cidr: single(MonoWidget),
  'label-key': single(MonoWidget),
  'dns-name': single(TextWidget),
  url: single(UrlWidget),
  image: single(ImageWidget),
  cron: single(CronWidget),
  'node-ref': single(TextWidget),
  list: group(ListWidget),
  repeater: group(RepeaterWidget),
  env: group(EnvWidget),
  'secret-keys': group(SecretKeysWidget),
  'command-line': single(CommandLineWidget),
  map: group(MapWidget),
  object: group(ObjectWidget),
  'one-of': group(OneOfWidget),
  probe: group(OneOfWidget),
  matrix: group(MatrixWidget),
  'label-selector': group(ObjectWidget),
  code: single(CodeWidget),
  note: group(NoteWidget),
  'read-only': group(ReadOnlyWidget),
}
