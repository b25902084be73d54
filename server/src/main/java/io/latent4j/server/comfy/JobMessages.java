package io.latent4j.server.comfy;

import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredJob;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/** Tells the client of a graph what happens to its job. */
final class JobMessages implements Consumer<JobEvent> {
    private static final int PREVIEW = 1;
    private static final int PNG = 2;

    private final Prompts.Prompt prompt;
    private final ClientSockets sockets;
    private final boolean previews;
    private final Runnable status;
    private boolean begun;
    private String node = "";

    /**
     * @param previews whether the client wants them, and does not take all bytes for finished images
     * @param status tells all sockets of the client how many of its jobs are left
     */
    JobMessages(Prompts.Prompt prompt, ClientSockets sockets, boolean previews, Runnable status) {
        this.prompt = prompt;
        this.previews = previews;
        this.sockets = sockets;
        this.status = status;
    }

    @Override
    public void accept(JobEvent event) {
        GraphJob.Stages stages = prompt.job().stages();
        if (event instanceof JobEvent.Loading) {
            executing(stages.loader());
        } else if (event instanceof JobEvent.Stage stage) {
            executing(
                    switch (stage.stage()) {
                        case LOADING -> stages.loader();
                        case TEXT -> stages.text();
                        case DENOISING -> stages.sampler();
                        case DECODING -> stages.decoder();
                    });
        } else if (event instanceof JobEvent.Step step) {
            executing(stages.sampler());
            sockets.send(
                    prompt.client(),
                    prompt.clientId(),
                    Messages.progress(prompt.id(), stages.sampler(), step.step(), step.steps()),
                    step.step() == step.steps());
        } else if (event instanceof JobEvent.Preview preview) {
            preview(preview.preview());
        } else if (event instanceof JobEvent.Ended ended) {
            end(ended.job());
        }
    }

    private void send(JsonObject message) {
        sockets.send(prompt.client(), prompt.clientId(), message, true);
    }

    private void begin() {
        if (!begun) {
            begun = true;
            send(Messages.started(prompt.id(), Instant.now()));
            send(Messages.cached(prompt.id(), Instant.now()));
        }
    }

    private void executing(String now) {
        begin();
        if (!now.equals(node)) {
            node = now;
            send(Messages.executing(prompt.id(), now));
        }
    }

    private void preview(BufferedImage image) {
        if (previews && sockets.has(prompt.client(), prompt.clientId())) {
            byte[] png = PngFile.bytes(image, Map.of());
            ByteBuffer bytes = ByteBuffer.allocate(2 * Integer.BYTES + png.length);
            bytes.putInt(PREVIEW).putInt(PNG).put(png).flip();
            sockets.send(prompt.client(), prompt.clientId(), bytes);
        }
    }

    private void end(StoredJob job) {
        if (job.started().isPresent()) {
            begin();
            if (job.state() == JobState.DONE) {
                for (GraphJob.Output output : prompt.job().outputs()) {
                    executing(output.node());
                    send(Messages.executed(prompt.id(), output, job.images()));
                }
            }
            send(Messages.ended(job, prompt.job().stages()));
            send(Messages.executing(prompt.id(), ""));
        }
        status.run();
    }
}
