package io.latent4j.pipeline;


/**
 * The progress of a run that is a part of a longer one, whose steps are counted through.
 *
 * @param whole hears of the longer run
 * @param before how many of its steps are done when this part begins
 * @param total how many it has
 */
record PartialProgress(Progress whole, int before, int total) implements Progress {

    @Override
    public void onStep(StepEvent event) {
        whole.onStep(new StepEvent(
                before + event.step(),
                total,
                event.image(),
                event.images(),
                event.level(),
                event.latents(),
                event.preview()));
    }

    @Override
    public boolean cancelled() {
        return whole.cancelled();
    }
}
