package io.latent4j.cli.generate;

import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.StepEvent;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.Steps;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobStart;
import io.latent4j.service.JobStep;

/** Images of a model that takes no text, whose events a job's listener receives. */
final class PixelJob implements Progress {
    private final JobListener listener;
    private final int batches;
    private int done;

    private PixelJob(JobListener listener, int batches) {
        this.listener = listener;
        this.batches = batches;
    }

    /** Makes the images of a request that has a seed. */
    static void run(UnconditionalPipeline pipeline, String model, GenerationRequest request, JobListener listener) {
        int batches = (request.batch().count() - 1) / request.batch().batchSize() + 1;
        int steps = request.sampling()
                .steps()
                .map(Steps::count)
                .orElse(pipeline.defaults().steps());
        listener.onStart(new JobStart(model, request, steps, batches));
        pipeline.generate(request, new PixelJob(listener, batches));
    }

    @Override
    public void onStep(StepEvent event) {
        done++;
        listener.onStep(new JobStep(done, event.steps() * batches, event.remaining(), event));
    }

    @Override
    public void onImage(ImageEvent event) {
        listener.onImage(event);
    }
}
