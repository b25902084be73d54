package io.latent4j.lora;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Projection;
import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.core.weights.OriginalLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Which layer of a model a name in an adapter file stands for. Underscored names cannot be taken apart, since blocks have
 * underscores of their own; so every name a layer of this model can have is entered, and a file's name is looked up.
 */
final class LayerNames {
    /** What tools put before the names of any part, or between the part's beginning and a layer's name. */
    private static final List<String> WRAPPERS = List.of("base_model.model.", "lycoris_");

    private final Map<LoraPart, Map<String, Place>> places = new EnumMap<>(LoraPart.class);
    private final List<Beginning> beginnings = new ArrayList<>();

    /** What names of a part begin with. */
    private record Beginning(String text, LoraPart part) {}

    /**
     * A layer of the model.
     *
     * @param name dotted, as in the checkpoint
     * @param kohya its name in kohya's naming
     * @param dotted its name in PEFT's and diffusers' naming
     * @param weight the shape of its weight
     */
    record Layer(LoraPart part, String name, String kohya, String dotted, Projection projection, Shape weight) {
        /** What the dotted names of its part begin with. */
        String beginning() {
            return dotted.substring(0, dotted.length() - name.length());
        }

        /** Whether it is a convolution of more than a pixel. */
        boolean hasKernel() {
            return weight.dimension() > 2 && weight.slice(2).size() > 1;
        }
    }

    LayerNames(AdaptableModel model) {
        model.parts().keySet().forEach(part -> {
            Function<String, List<String>> aliases = aliases(part, model);
            Map<String, Layer> own = of(part, model);
            Map<String, Place> names = new HashMap<>();
            own.forEach((name, layer) -> enter(names, name, Place.of(layer)));
            own.forEach((name, layer) -> aliases.apply(name).forEach(alias -> enter(names, alias, Place.of(layer))));
            original(model.parts().get(part))
                    .forEach(layer -> Place.of(layer, own).ifPresent(place -> enter(names, layer.name(), place)));
            places.put(part, names);
        });
        model.names().parts().forEach((part, names) -> {
            beginnings.add(new Beginning(names.kohya(), part));
            beginnings.add(new Beginning(names.dotted(), part));
            names.others().forEach(other -> beginnings.add(new Beginning(other, part)));
        });
        beginnings.sort(Comparator.comparingInt((Beginning each) -> each.text().length())
                .reversed());
    }

    /** What the layers of a part are called in the layout of its authors. */
    private static List<OriginalLayer> original(NamedBlock part) {
        return part instanceof OriginalLayout layout
                ? Stream.concat(layout.originalLayers().stream(), layout.adapterLayers().stream())
                        .toList()
                : List.of();
    }

    private static Map<String, NamedBlock> blocks(NamedBlock tree) {
        Map<String, NamedBlock> blocks = new LinkedHashMap<>();
        tree.visit(blocks::put);
        return blocks;
    }

    private static Function<String, List<String>> aliases(LoraPart part, AdaptableModel model) {
        return model.names(part).aliases().of(blocks(model.parts().get(part)).keySet());
    }

    /** The layers of a part of a model that can be adapted, by name, in the tree's order; none of a part it has not. */
    static Map<String, Layer> of(LoraPart part, AdaptableModel model) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        if (model.part(part).isEmpty()) {
            return layers;
        }
        AdapterNames.Part names = model.names(part);
        Function<String, List<String>> aliases = aliases(part, model);
        blocks(model.parts().get(part)).forEach((name, block) -> {
            if (block instanceof Projection projection) {
                String written = names.writesAlias()
                        ? aliases.apply(name).stream().findFirst().orElse(name)
                        : name;
                layers.put(
                        name,
                        new Layer(
                                part,
                                name,
                                names.kohya() + written.replace('.', '_'),
                                names.dotted() + name,
                                projection,
                                block.shapes().get("weight")));
            }
        });
        return layers;
    }

    private static void enter(Map<String, Place> names, String name, Place place) {
        names.putIfAbsent(name, place);
        names.putIfAbsent(name.replace('.', '_'), place);
    }

    /** Where the layer that a file calls {@code stored} belongs; empty if the model has none of that name. */
    Optional<Place> find(String stored) {
        String name = unwrapped(stored);
        for (Beginning beginning : beginnings) {
            if (name.startsWith(beginning.text())) {
                String rest = unwrapped(name.substring(beginning.text().length()));
                return find(beginning.part(), rest);
            }
        }
        return places.keySet().stream()
                .flatMap(part -> find(part, name).stream())
                .findFirst();
    }

    /** A name without what tools put before the names of any part. */
    static String unwrapped(String name) {
        int from = 0;
        for (boolean found = true; found; ) {
            found = false;
            for (String wrapper : WRAPPERS) {
                if (name.startsWith(wrapper, from)) {
                    from += wrapper.length();
                    found = true;
                }
            }
        }
        return name.substring(from);
    }

    private Optional<Place> find(LoraPart part, String name) {
        return Optional.ofNullable(places.getOrDefault(part, Map.of()).get(name));
    }

    /** Some name in the model, for an error to show how they look. */
    String example() {
        return places.values().stream()
                .flatMap(names -> names.values().stream())
                .flatMap(place -> place.shares().stream())
                .map(Place.Share::layer)
                .filter(layer -> layer.name().endsWith("to_q") || layer.name().endsWith("q_proj"))
                .map(Layer::name)
                .min(String::compareTo)
                .orElse("none");
    }
}
