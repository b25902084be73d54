package io.latent4j.pipeline;

import java.util.List;

/**
 * Has a run end when {@code count} steps are done.
 *
 * @param steps which were told
 */
record CancelAfter(int count, List<Integer> steps) implements Progress {
    @Override
    public void onStep(StepEvent event) {
        steps.add(event.step());
    }

    @Override
    public boolean cancelled() {
        return steps.size() == count;
    }
}
