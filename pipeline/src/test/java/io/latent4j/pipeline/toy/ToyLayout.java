package io.latent4j.pipeline.toy;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.files.FileTensors;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.Origin;
import io.latent4j.pipeline.files.PartLayout;
import io.latent4j.pipeline.files.Prediction;
import io.latent4j.pipeline.files.SingleFileLayout;
import java.util.List;
import java.util.Map;

/** A toy in a single file: one tensor, which the denoiser does not read. */
record ToyLayout() implements SingleFileLayout {
    static final String DENOISER = "denoiser";
    private static final String PREFIX = "toy.";

    @Override
    public String title() {
        return "Toy";
    }

    @Override
    public boolean recognises(FileTensors tensors) {
        return tensors.begins(PREFIX);
    }

    @Override
    public List<String> parts() {
        return List.of(DENOISER);
    }

    @Override
    public List<String> tokenizers() {
        return List.of();
    }

    @Override
    public String prefix(String part) {
        return PREFIX;
    }

    @Override
    public JsonObject settings(String file, FileTensors tensors, Prediction prediction) {
        JsonObject json = new JsonObject();
        switch (file) {
            case "model_index.json" -> {
                json.addProperty("_class_name", "ToyPipeline");
                json.add(DENOISER, new JsonArray());
            }
            case "scheduler/scheduler_config.json" -> {
                json.addProperty("_class_name", "DDIMScheduler");
                json.addProperty("prediction_type", prediction.type());
                json.addProperty("clip_sample", false);
            }
            case "denoiser/config.json" -> json.addProperty("colours", tensors.size(PREFIX + "palette", 0));
            default -> throw tensors.bad("has no " + file, "settings of a toy");
        }
        return json;
    }

    @Override
    public PartLayout part(String part, Config config) {
        return new PartLayout(
                Map.of("colours", new Shape(config.integer("colours"))), key -> Origin.same(PREFIX + "palette"));
    }

    @Override
    public double latentScale() {
        return 1;
    }

    @Override
    public boolean writes(ModelFiles model) {
        return model.has(DENOISER);
    }
}
