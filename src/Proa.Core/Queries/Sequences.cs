using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Proa.Queries;

/// <summary>
/// The queries of System.Linq that proa uses, by the same names and with the same results; ToImmutable stands for ToImmutableArray. The executable does not
/// contain the library: its Select after a Where is a generic virtual method, for which NativeAOT loads types at run time, and its ToArray brings a pool of
/// arrays for each type. What that costs is in docs/packages.md. Null arguments are not checked.
/// </summary>
internal static class Sequences
{
    // ---- Lazy: the source is read only while the result is read ----

    public static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item)) yield return item;
        }
    }

    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector)
    {
        foreach (var item in source) yield return selector(item);
    }

    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, int, TResult> selector)
    {
        var index = 0;
        foreach (var item in source) yield return selector(item, index++);
    }

    public static IEnumerable<TResult> SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TResult>> selector)
    {
        foreach (var item in source)
        {
            foreach (var result in selector(item)) yield return result;
        }
    }

    public static IEnumerable<T> OfType<T>(this IEnumerable<object?> source)
    {
        foreach (var item in source)
        {
            if (item is T ofType) yield return ofType;
        }
    }

    public static IEnumerable<T> Concat<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        foreach (var item in first) yield return item;
        foreach (var item in second) yield return item;
    }

    public static IEnumerable<T> Append<T>(this IEnumerable<T> source, T last)
    {
        foreach (var item in source) yield return item;
        yield return last;
    }

    public static IEnumerable<T> Skip<T>(this IEnumerable<T> source, int count)
    {
        foreach (var item in source)
        {
            if (count-- <= 0) yield return item;
        }
    }

    public static IEnumerable<T> Take<T>(this IEnumerable<T> source, int count)
    {
        if (count <= 0) yield break;
        foreach (var item in source)
        {
            yield return item;
            if (--count == 0) yield break;
        }
    }

    /// <summary>Each once, in the order in which they first occur.</summary>
    public static IEnumerable<T> Distinct<T>(this IEnumerable<T> source) => source.Except([]);

    public static IEnumerable<T> DistinctBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key)
    {
        var seen = new HashSet<TKey>();
        foreach (var item in source)
        {
            if (seen.Add(key(item))) yield return item;
        }
    }

    /// <summary>Those that are not in <paramref name="others"/>, each once.</summary>
    public static IEnumerable<T> Except<T>(this IEnumerable<T> source, IEnumerable<T> others)
    {
        var seen = new HashSet<T>();
        foreach (var item in others) seen.Add(item);
        foreach (var item in source)
        {
            if (seen.Add(item)) yield return item;
        }
    }

    // ---- The source is read at once ----

    public static bool Any<T>(this IEnumerable<T> source)
    {
        foreach (var _ in source) return true;
        return false;
    }

    public static bool Any<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item)) return true;
        }

        return false;
    }

    public static bool All<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (!predicate(item)) return false;
        }

        return true;
    }

    public static T? FirstOrDefault<T>(this IEnumerable<T> source)
    {
        foreach (var item in source) return item;
        return default;
    }

    public static T? FirstOrDefault<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item)) return item;
        }

        return default;
    }

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static T First<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item)) return item;
        }

        throw new InvalidOperationException("no item matches");
    }

    public static int Count<T>(this IEnumerable<T> source)
    {
        var count = 0;
        foreach (var _ in source) count++;
        return count;
    }

    public static int Count<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        var count = 0;
        foreach (var item in source)
        {
            if (predicate(item)) count++;
        }

        return count;
    }

    public static bool Contains<T>(this IEnumerable<T> source, T wanted)
        where T : IEquatable<T>
    {
        foreach (var item in source)
        {
            if (wanted.Equals(item)) return true;
        }

        return false;
    }

    /// <summary>The first one whose key is the smallest; null where there is none.</summary>
    public static T? MinBy<T>(this IEnumerable<T> source, Func<T, long> key)
        where T : class
    {
        var (best, least) = ((T?)null, 0L);
        foreach (var item in source)
        {
            var next = key(item);
            if (best is null || next < least) (best, least) = (item, next);
        }

        return best;
    }

    /// <summary>The first one whose key is the largest; null where there is none.</summary>
    public static T? MaxBy<T>(this IEnumerable<T> source, Func<T, long> key)
        where T : class => source.MinBy(item => ~key(item)); // reverses the order of all longs; the negative of the least is none

    /// <exception cref="OverflowException">It is more than a long holds.</exception>
    public static long Sum<T>(this IEnumerable<T> source, Func<T, long> value)
    {
        var sum = 0L;
        foreach (var item in source) sum = checked(sum + value(item));
        return sum;
    }

    /// <summary>By their keys; those of the same key stay in their order.</summary>
    public static IEnumerable<T> OrderBy<T>(this IEnumerable<T> source, Func<T, long> key)
    {
        List<(T Item, long Key, int Index)> items = [.. source.Select((item, index) => (item, key(item), index))];
        items.Sort((one, other) => (one.Key, one.Index).CompareTo((other.Key, other.Index)));
        return items.Select(item => item.Item);
    }

    public static T[] ToArray<T>(this IEnumerable<T> source) => new List<T>(source).ToArray();

    public static ImmutableArray<T> ToImmutable<T>(this IEnumerable<T> source) => ImmutableCollectionsMarshal.AsImmutableArray(source.ToArray());

    // ---- For ImmutableArray, without boxing it ----

    public static IEnumerable<T> Where<T>(this ImmutableArray<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item)) yield return item;
        }
    }

    public static IEnumerable<TResult> Select<T, TResult>(this ImmutableArray<T> source, Func<T, TResult> selector)
    {
        foreach (var item in source) yield return selector(item);
    }

    public static bool Any<T>(this ImmutableArray<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item)) return true;
        }

        return false;
    }

    public static bool All<T>(this ImmutableArray<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (!predicate(item)) return false;
        }

        return true;
    }

    public static T? FirstOrDefault<T>(this ImmutableArray<T> source) => source is [var first, ..] ? first : default;

    public static T? FirstOrDefault<T>(this ImmutableArray<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item)) return item;
        }

        return default;
    }
}
