package io.latent4j.server.openai;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.server.api.ApiException;

/** Errors in OpenAI's form. */
final class OpenAiErrors {
    private OpenAiErrors() {}

    static JsonObject form(ApiException error) {
        JsonObject inner = new JsonObject();
        inner.addProperty("message", error.getMessage());
        inner.addProperty("type", type(error.status()));
        inner.add(
                "param",
                error.field()
                        .<com.google.gson.JsonElement>map(JsonPrimitive::new)
                        .orElse(JsonNull.INSTANCE));
        inner.addProperty("code", code(error));
        JsonObject json = new JsonObject();
        json.add("error", inner);
        return json;
    }

    private static String type(int status) {
        if (status == 429) {
            return "rate_limit_error";
        }
        return status < 500 ? "invalid_request_error" : "server_error";
    }

    private static String code(ApiException error) {
        return switch (error.status()) {
            case 401 -> "invalid_api_key";
            case 429 -> "rate_limit_exceeded";
            default -> error.code();
        };
    }
}
