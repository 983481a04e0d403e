import { isObject } from '@/lib/schema/conditions'
import { useForm, type WidgetProps } from '../form-state'
import { membersOf, type Field } from '../model'
import { MoreFields } from '../more-fields'
import { ObjectFields } from './object'

/** Objects with the same members side by side: what is requested, and the limits. */
export function MatrixWidget({ field }: WidgetProps) {
  const { form, FieldView } = useForm()
  const columns = membersOf(form, field)
  const cells = columns.map((column) => membersOf(form, column).filter(isScalar))
  const names = [...new Set(cells.flatMap((column) => column.map(({ name }) => name)))]
  if (columns.some(({ schema }) => !isObject(schema.properties)) || names.length === 0)
    return <ObjectFields field={field} />
  const others = columns.flatMap((column) =>
    membersOf(form, column)
      .filter((each) => !isScalar(each))
      .map((each) => ({ ...each, title: `${column.title}: ${each.title}` })),
  )
  return (
    <>
      <table className="w-full table-fixed border-separate border-spacing-x-2 border-spacing-y-1.5 text-dense">
        <thead>
          <tr>
            <td className="w-1/4" />
            {columns.map((column) => (
              <th
                key={column.path}
                scope="col"
                className="text-left align-bottom text-meta font-medium text-text-muted"
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <MatrixRow key={name} name={name} cells={cells} columns={columns} FieldView={FieldView} />
          ))}
        </tbody>
      </table>
      {columns.map(
        (column) =>
          column.hint.help !== '' && (
            <p key={column.path} className="text-meta text-text-muted">
              {column.title}: {column.hint.help}
            </p>
          ),
      )}
      {others.length > 0 && <MoreFields fields={others} of={field.title} />}
    </>
  )
}

interface MatrixRowProps {
  name: string
  cells: readonly (readonly Field[])[]
  columns: readonly Field[]
  FieldView: ReturnType<typeof useForm>['FieldView']
}

function MatrixRow({ name, cells, columns, FieldView }: MatrixRowProps) {
  const row = cells.map((column) => column.find((each) => each.name === name))
  const title = row.find((each) => each !== undefined)?.title ?? name
  return (
    <tr>
      <th scope="row" className="pt-1.5 text-left align-top font-medium">
        {title}
      </th>
      {row.map((cell, index) => {
        const column = columns[index]
        return (
          <td key={column?.path ?? index} className="align-top">
            {cell && <FieldView field={{ ...cell, title: `${column?.title ?? ''}: ${title}` }} bare />}
          </td>
        )
      })}
    </tr>
  )
}

function isScalar({ schema }: Field): boolean {
  return schema.type !== 'object' && schema.type !== 'array' && schema.oneOf === undefined
}
