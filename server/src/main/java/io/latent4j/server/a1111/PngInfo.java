package io.latent4j.server.a1111;

import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.request.Parameters;
import io.latent4j.server.api.Uploads;
import java.io.IOException;
import java.util.Map;

/** What a PNG file says about how it was made. */
final class PngInfo {
    private static final String PARAMETERS = "parameters";

    private final Uploads uploads;

    PngInfo(Uploads uploads) {
        this.uploads = uploads;
    }

    /** @param image in Base64; one without texts says nothing */
    JsonObject json(String image) {
        Map<String, String> texts = image.isBlank() ? Map.of() : texts(image);
        String info = texts.getOrDefault(PARAMETERS, "");
        JsonObject items = new JsonObject();
        texts.forEach(items::addProperty);
        JsonObject json = new JsonObject();
        json.addProperty("info", info);
        json.add("items", items);
        json.add(PARAMETERS, info.isBlank() ? new JsonObject() : settings(Parameters.parse(info)));
        return json;
    }

    private Map<String, String> texts(String image) {
        String digest = uploads.putBase64(image, "image");
        try {
            return PngFile.readText(uploads.file(digest, "image"));
        } catch (IOException e) {
            return Map.of(); // an image of another kind, or a PNG file that holds too much text
        }
    }

    private static JsonObject settings(Parameters parameters) {
        JsonObject json = new JsonObject();
        json.addProperty("Prompt", parameters.prompt());
        json.addProperty("Negative prompt", parameters.negativePrompt());
        parameters.settings().forEach((name, value) -> {
            json.addProperty(name, value);
            int times = name.equals("Size") ? value.indexOf('x') : -1;
            if (times > 0) {
                json.addProperty("Size-1", value.substring(0, times));
                json.addProperty("Size-2", value.substring(times + 1));
            }
        });
        return json;
    }
}
