package io.latent4j.server.comfy;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.time.Instant;
import java.util.List;

/** The messages of ComfyUI, as its sockets send them and its history repeats them. */
final class Messages {
    private Messages() {}

    /** A message with its name. */
    static JsonObject named(String type, JsonObject data) {
        JsonObject json = new JsonObject();
        json.addProperty("type", type);
        json.add("data", data);
        return json;
    }

    /** How many jobs of a client wait and run. */
    static JsonObject remaining(int jobs) {
        JsonObject info = new JsonObject();
        info.addProperty("queue_remaining", jobs);
        JsonObject json = new JsonObject();
        json.add("exec_info", info);
        return json;
    }

    static JsonObject status(int jobs) {
        JsonObject data = new JsonObject();
        data.add("status", remaining(jobs));
        return named("status", data);
    }

    private static JsonObject at(String prompt, Instant time) {
        JsonObject data = new JsonObject();
        data.addProperty("prompt_id", prompt);
        data.addProperty("timestamp", time.toEpochMilli());
        return data;
    }

    static JsonObject started(String prompt, Instant time) {
        return named("execution_start", at(prompt, time));
    }

    static JsonObject cached(String prompt, Instant time) {
        JsonObject data = at(prompt, time);
        data.add("nodes", new JsonArray());
        return named("execution_cached", data);
    }

    /** A node is at work; the end if it is empty. */
    static JsonObject executing(String prompt, String node) {
        JsonObject data = new JsonObject();
        data.add("node", node.isEmpty() ? JsonNull.INSTANCE : new JsonPrimitive(node));
        if (!node.isEmpty()) {
            data.addProperty("display_node", node);
        }
        data.addProperty("prompt_id", prompt);
        return named("executing", data);
    }

    static JsonObject progress(String prompt, String node, int step, int steps) {
        JsonObject data = new JsonObject();
        data.addProperty("value", step);
        data.addProperty("max", steps);
        data.addProperty("prompt_id", prompt);
        data.addProperty("node", node);
        return named("progress", data);
    }

    static JsonObject executed(String prompt, GraphJob.Output output, List<StoredImage> images) {
        JsonObject data = new JsonObject();
        data.addProperty("node", output.node());
        data.addProperty("display_node", output.node());
        data.add("output", images(output, images));
        data.addProperty("prompt_id", prompt);
        return named("executed", data);
    }

    /** The files of a node that keeps images. */
    static JsonObject images(GraphJob.Output output, List<StoredImage> images) {
        JsonArray files = new JsonArray();
        for (StoredImage image : images) {
            JsonObject file = new JsonObject();
            file.addProperty("filename", OutputName.of(output.prefix(), image.digest()));
            file.addProperty("subfolder", "");
            file.addProperty("type", output.type());
            files.add(file);
        }
        JsonObject json = new JsonObject();
        json.add("images", files);
        return json;
    }

    /** How a job ended. */
    static JsonObject ended(StoredJob job, GraphJob.Stages stages) {
        JsonObject data = at(job.id(), job.ended().orElse(job.accepted()));
        return switch (job.state()) {
            case DONE -> named("execution_success", data);
            case FAILED -> {
                data.addProperty("node_id", stages.sampler());
                data.addProperty("node_type", NodeTypes.SAMPLER);
                data.add("executed", new JsonArray());
                data.addProperty(
                        "exception_message",
                        job.error().map(error -> error.message()).orElse("the job failed"));
                data.addProperty("exception_type", "RuntimeError");
                data.add("traceback", new JsonArray());
                data.add("current_inputs", new JsonObject());
                data.add("current_outputs", new JsonArray());
                yield named("execution_error", data);
            }
            default -> {
                data.addProperty("node_id", stages.sampler());
                data.addProperty("node_type", NodeTypes.SAMPLER);
                data.add("executed", new JsonArray());
                yield named("execution_interrupted", data);
            }
        };
    }
}
