package io.latent4j.pipeline.run;

import com.google.common.collect.ImmutableMap;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.ControlInput;
import java.util.Map;

/**
 * Open adapters and control networks, by the names that requests use.
 *
 * @param adapters stay their owner's to close
 * @param controlNets likewise
 */
public record Attachments(Map<String, Lora> adapters, Map<String, ControlNet> controlNets) {
    /** None at all. */
    public static final Attachments NONE = new Attachments(Map.of(), Map.of());

    public Attachments {
        adapters = ImmutableMap.copyOf(adapters);
        controlNets = ImmutableMap.copyOf(controlNets);
    }

    /** @throws IllegalArgumentException if no adapter of this name is attached, naming those that are */
    LoraUse adapter(AdapterUse use) {
        Lora lora = named("adapter", "withAdapters", use.name(), adapters);
        return new LoraUse(lora, use.denoiserStrength(), use.textStrength(), use.blocks(), use.schedule());
    }

    /** @throws IllegalArgumentException if no control network of this name is attached, naming those that are */
    AttachedControl control(ControlInput input) {
        return new AttachedControl(input, named("control network", "withControlNets", input.name(), controlNets));
    }

    private static <T> T named(String kind, String attach, String name, Map<String, T> attached) {
        T found = attached.get(name);
        if (found == null) {
            throw new IllegalArgumentException("the request names the " + kind + " \"" + name
                    + "\", which is not attached to the pipeline; "
                    + (attached.isEmpty()
                            ? "none is attached: see " + attach
                            : "attached are " + String.join(", ", attached.keySet())));
        }
        return found;
    }
}
