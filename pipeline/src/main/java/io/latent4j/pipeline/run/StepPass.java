package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import java.util.List;
import java.util.Optional;

/** A pass through the UNet with adapters at the strengths that they have in each step; made anew where one changes. */
public final class StepPass implements Passes, AutoCloseable {
    private final List<LoraUse> loras;
    private final NDManager parent;
    private List<LoraUse> uses = List.of();
    private Pass pass = Pass.inference();
    private Optional<NDManager> manager = Optional.empty();

    /**
     * No pass is made yet.
     *
     * @param parent stands above the managers of the adapters' arrays
     */
    public StepPass(List<LoraUse> loras, NDManager parent) {
        this.loras = List.copyOf(loras);
        this.parent = parent;
    }

    @Override
    public Pass at(int step, int steps) {
        List<LoraUse> now = loras.stream().map(use -> use.atStep(step, steps)).toList();
        if (!now.equals(uses)) {
            close();
            NDManager owner = parent.newSubManager();
            manager = Optional.of(owner);
            pass = Pass.inference().withAdapters(LoraUse.adapters(now, LoraPart.UNET, owner));
            uses = now;
        }
        return pass;
    }

    @Override
    public void close() {
        manager.ifPresent(NDManager::close);
        manager = Optional.empty();
        pass = Pass.inference();
        uses = List.of();
    }
}
