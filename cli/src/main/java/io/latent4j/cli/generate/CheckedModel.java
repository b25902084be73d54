package io.latent4j.cli.generate;

import io.latent4j.cli.options.SamplerOptions;
import io.latent4j.pipeline.model.Model;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelOpener;
import java.io.IOException;
import java.util.Optional;

/** A model that a job takes, whose file must name a sampling method if the job names none. */
record CheckedModel(ModelOpener opener, JobSpec job) implements ModelOpener {

    @Override
    public Model open() throws IOException {
        return checked(opener.open());
    }

    @Override
    public Optional<Model> openWithoutWeights() throws IOException {
        return opener.openWithoutWeights().map(this::checked);
    }

    private Model checked(Model model) {
        try {
            check(model.scheduler(), job);
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Refuses what {@link SamplerOptions#checkOwn} does, unless the job has settings, which are its own fault. */
    static void check(SchedulerConfig scheduler, JobSpec job) {
        if (job.schedulerSettings().isEmpty()) {
            SamplerOptions.checkOwn(scheduler, job.request());
        }
    }
}
