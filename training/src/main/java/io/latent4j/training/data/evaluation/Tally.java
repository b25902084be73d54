package io.latent4j.training.data.evaluation;

import io.latent4j.training.data.scenes.Fact;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** How many of some pictures are right, and in what. */
public record Tally(List<Judged> pictures) {

    public Tally {
        pictures = List.copyOf(pictures);
    }

    /** The pictures of captions of so many figures. */
    public Tally of(int figures) {
        return new Tally(pictures.stream()
                .filter(judged -> judged.scene().things().size() == figures)
                .toList());
    }

    /** The share in which every fact is right, 0 to 1; nothing where there are no pictures. */
    public OptionalDouble allRight() {
        return share(pictures, judged -> judged.check().allRight());
    }

    /** The share in which one fact is right, of the pictures whose caption says it. */
    public OptionalDouble right(Fact fact) {
        return share(
                pictures.stream()
                        .filter(judged -> fact.isSaidBy(judged.scene()))
                        .toList(),
                judged -> judged.check().right(fact));
    }

    private static OptionalDouble share(Collection<Judged> of, Predicate<Judged> right) {
        return of.stream().mapToInt(judged -> right.test(judged) ? 1 : 0).average();
    }
}
