/** Every lint rule, in the order of the codes. To add one: a file here, a line here, a section in docs/plan-format.md. */
import type { Rule } from '../rule.ts';
import { brainModel } from './brain-model.ts';
import { cacheWithoutProducts } from './cache-without-products.ts';
import { classForType } from './class-for-type.ts';
import { conditionTask } from './condition-task.ts';
import { conditionValue } from './condition-value.ts';
import { dependencyCycle } from './dependency-cycle.ts';
import { duplicateId } from './duplicate-id.ts';
import { fieldForClass } from './field-for-class.ts';
import { fieldForType } from './field-for-type.ts';
import { fixedMemory } from './fixed-memory.ts';
import { foreachList } from './foreach-list.ts';
import { foreachOnly } from './foreach-only.ts';
import { goalRules } from './goal.ts';
import { ignoredText } from './ignored-text.ts';
import { inputType } from './input-type.ts';
import { invalidId } from './invalid-id.ts';
import { invalidValue } from './invalid-value.ts';
import { itemOutsideForeach } from './item-outside-foreach.ts';
import { listNotation } from './list-notation.ts';
import { memoryTooLarge } from './memory-too-large.ts';
import { metaCommand } from './meta-command.ts';
import { misplacedTask } from './misplaced-task.ts';
import { missingCommand } from './missing-command.ts';
import { missingInput } from './missing-input.ts';
import { missingModel } from './missing-model.ts';
import { missingScript } from './missing-script.ts';
import { misspelledField } from './misspelled-field.ts';
import { modelTier } from './model-tier.ts';
import { nearMissField } from './near-miss-field.ts';
import { nearMissHeading } from './near-miss-heading.ts';
import { noTasks } from './no-tasks.ts';
import { noTimeout } from './no-timeout.ts';
import { options } from './options.ts';
import { planFaults } from './plan-faults.ts';
import { programText } from './program-text.ts';
import { quotedHereDocument } from './quoted-here-document.ts';
import { refusedByHost } from './refused-by-host.ts';
import { repeatedField } from './repeated-field.ts';
import { reservedName } from './reserved-name.ts';
import { missingSchema, wrongSchema } from './schema.ts';
import { secretInEnv } from './secret-in-env.ts';
import { selfDependency } from './self-dependency.ts';
import { itemsShareProduct, severalProducts, sharedProduct } from './shared-products.ts';
import { slotWithoutModel } from './slot-without-model.ts';
import { splitModels } from './split-models.ts';
import { stuckAfterTimeout } from './stuck-after-timeout.ts';
import { taskClass } from './task-class.ts';
import { unclosedFence } from './unclosed-fence.ts';
import { unclosedQuote } from './unclosed-quote.ts';
import { unknownDependency } from './unknown-dependency.ts';
import { unknownField } from './unknown-field.ts';
import { unknownModel } from './unknown-model.ts';
import { unknownVariable } from './unknown-variable.ts';
import { unpairedItems } from './unpaired-items.ts';
import { unquotablePlace } from './unquotable-place.ts';
import { unreachableRequires } from './unreachable-requires.ts';
import { unusedInput } from './unused-input.ts';

export const RULES: readonly Rule[] = [
  noTasks,
  nearMissHeading,
  nearMissField,
  listNotation,
  misspelledField,
  unknownField,
  repeatedField,
  invalidId,
  duplicateId,
  invalidValue,
  ...planFaults,
  unclosedFence,
  misplacedTask,
  ignoredText,
  unknownDependency,
  selfDependency,
  dependencyCycle,
  missingCommand,
  fieldForType,
  taskClass,
  noTimeout,
  foreachList,
  unknownVariable,
  reservedName,
  missingInput,
  itemOutsideForeach,
  programText,
  quotedHereDocument,
  unclosedQuote,
  unquotablePlace,
  inputType,
  unusedInput,
  unreachableRequires,
  unknownModel,
  memoryTooLarge,
  missingModel,
  missingScript,
  conditionTask,
  conditionValue,
  foreachOnly,
  unpairedItems,
  cacheWithoutProducts,
  missingSchema,
  wrongSchema,
  options,
  secretInEnv,
  fixedMemory,
  fieldForClass,
  slotWithoutModel,
  modelTier,
  splitModels,
  metaCommand,
  classForType,
  brainModel,
  stuckAfterTimeout,
  refusedByHost,
  sharedProduct,
  itemsShareProduct,
  severalProducts,
  ...goalRules,
];
