/** Errors as the worker's HTTP clients see them: llama-server's shape, its types and statuses. */

type ApiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'not_found_error'
  | 'conflict_error'
  | 'not_supported_error'
  | 'server_error'
  | 'unavailable_error'
  | 'exceed_context_size_error';

const STATUS: Readonly<Record<ApiErrorType, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  not_found_error: 404,
  conflict_error: 409,
  not_supported_error: 501,
  server_error: 500,
  unavailable_error: 503,
  exceed_context_size_error: 400,
};

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly type: ApiErrorType;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(type: ApiErrorType, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.type = type;
    this.extra = extra;
  }

  get status(): number {
    return STATUS[this.type];
  }

  toBody(): object {
    return { error: { code: this.status, message: this.message, type: this.type, ...this.extra } };
  }
}

export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError('server_error', thrown instanceof Error ? thrown.message : String(thrown));
}

/** A prompt that leaves no room in a slot; told before anything is computed. */
export function contextExceeded(promptTokens: number, contextSize: number): ApiError {
  const message = `request (${promptTokens} tokens) exceeds the available context size (${contextSize} tokens), try increasing it`;
  return new ApiError('exceed_context_size_error', message, { n_prompt_tokens: promptTokens, n_ctx: contextSize });
}
