package io.latent4j.server.comfy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.api.Told;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredJob;
import java.util.List;

/** Jobs of graphs as ComfyUI's queue and history list them. */
final class History {
    private History() {}

    /** A job that waits or runs. */
    static JsonArray queued(Prompts.Prompt prompt) {
        JsonArray json = new JsonArray();
        json.add(prompt.number());
        json.add(prompt.id());
        json.add(JsonParser.parseString(prompt.graph()));
        json.add(JsonParser.parseString(prompt.extra()));
        JsonArray outputs = new JsonArray();
        prompt.job().outputs().forEach(output -> outputs.add(output.node()));
        json.add(outputs);
        return json;
    }

    /** A job at its end. */
    static JsonObject ended(Prompts.Prompt prompt, StoredJob job) {
        boolean done = job.state() == JobState.DONE;
        JsonObject outputs = new JsonObject();
        JsonObject meta = new JsonObject();
        if (done) {
            for (GraphJob.Output output : prompt.job().outputs()) {
                outputs.add(output.node(), Messages.images(output, job.images()));
                JsonObject node = new JsonObject();
                node.addProperty("node_id", output.node());
                node.addProperty("display_node", output.node());
                node.addProperty("real_node_id", output.node());
                meta.add(output.node(), node);
            }
        }
        JsonObject status = new JsonObject();
        status.addProperty("status_str", done ? "success" : "error");
        status.addProperty("completed", done);
        JsonArray messages = new JsonArray();
        for (JsonObject message : List.of(
                Messages.started(job.id(), job.started().orElse(job.accepted())),
                Messages.cached(job.id(), job.started().orElse(job.accepted())),
                Messages.ended(job, prompt.job().stages()))) {
            JsonArray pair = new JsonArray();
            pair.add(message.get("type"));
            pair.add(message.get("data"));
            messages.add(pair);
        }
        status.add("messages", messages);
        JsonArray warnings = new JsonArray();
        Told.warnings(job).forEach(warnings::add);
        JsonObject json = new JsonObject();
        json.add("prompt", queued(prompt));
        json.add("outputs", outputs);
        json.add("status", status);
        json.add("meta", meta);
        json.add("warnings", warnings);
        return json;
    }
}
