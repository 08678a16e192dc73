using System.Collections.Immutable;
using CsCheck;
using Proa.Queries;

namespace Proa.Tests.Queries;

public sealed class SequencesTests
{
    private static readonly Gen<int[]> _numbers = Gen.Int[-3, 3].Array[0, 8];

    [Fact]
    public void Each_query_has_the_results_of_the_library() => Gen.Select(_numbers, _numbers, Gen.Int[-1, 9]).Sample((some, others, count) =>
    {
        Assert.Equal(Enumerable.Where(some, IsOdd), Sequences.Where(some, IsOdd));
        Assert.Equal(Enumerable.Select(some, Name), Sequences.Select(some, Name));
        Assert.Equal(Enumerable.Select(some, (n, i) => (n, i)), Sequences.Select(some, (n, i) => (n, i)));
        Assert.Equal(Enumerable.SelectMany(some, n => Enumerable.Repeat(n, 2)), Sequences.SelectMany(some, n => Enumerable.Repeat(n, 2)));
        Assert.Equal(Enumerable.OfType<string>(Mixed(some)), Sequences.OfType<string>(Mixed(some)));
        Assert.Equal(Enumerable.Concat(some, others), Sequences.Concat(some, others));
        Assert.Equal(Enumerable.Append(some, count), Sequences.Append(some, count));
        Assert.Equal(Enumerable.Skip(some, count), Sequences.Skip(some, count));
        Assert.Equal(Enumerable.Take(some, count), Sequences.Take(some, count));
        Assert.Equal(Enumerable.Distinct(some), Sequences.Distinct(some));
        Assert.Equal(Enumerable.DistinctBy(some, IsOdd), Sequences.DistinctBy(some, IsOdd));
        Assert.Equal(Enumerable.Except(some, others), Sequences.Except(some, others));
        Assert.Equal(some.Length > 0, Sequences.Any(some));
        Assert.Equal(Enumerable.Any(some, IsOdd), Sequences.Any(some, IsOdd));
        Assert.Equal(Enumerable.All(some, IsOdd), Sequences.All(some, IsOdd));
        Assert.Equal(Enumerable.FirstOrDefault(some), Sequences.FirstOrDefault(some));
        Assert.Equal(Enumerable.FirstOrDefault(some, IsOdd), Sequences.FirstOrDefault(some, IsOdd));
        Assert.Equal(some.Length, Sequences.Count(some));
        if (Array.Exists(some, IsOdd)) Assert.Equal(Enumerable.First(some, IsOdd), Sequences.First(some, IsOdd));
        Assert.Equal(Enumerable.Count(some, IsOdd), Sequences.Count(some, IsOdd));
        Assert.Equal(Enumerable.Contains(some, count), Sequences.Contains(some, count));
        Assert.Equal(Enumerable.Sum(some, n => (long)n), Sequences.Sum(some, n => n));
        Assert.Equal(Enumerable.ToArray(Lazy(some)), Sequences.ToArray(Lazy(some)));
        Assert.Equal(some, Sequences.ToImmutable(Lazy(some)));

        // Of what is alike, the first counts, and its order stays: each of these has its own place.
        (int Key, int Place)[] items = [.. Enumerable.Select(some, (n, i) => (n, i))];
        Item[] objects = [.. Enumerable.Select(items, item => new Item(item.Key, item.Place))];
        Assert.Equal(Enumerable.OrderBy(items, item => item.Key), Sequences.OrderBy(items, item => item.Key));
        Assert.Equal(Enumerable.MinBy(objects, item => item.Key), Sequences.MinBy(objects, item => item.Key));
        Assert.Equal(Enumerable.MaxBy(objects, item => item.Key), Sequences.MaxBy(objects, item => item.Key));
    });

    [Fact]
    public void An_immutable_array_is_queried_as_any_other_sequence() => _numbers.Sample(some =>
    {
        ImmutableArray<int> array = [.. some];
        Assert.Equal(Enumerable.Where(some, IsOdd), Sequences.Where(array, IsOdd));
        Assert.Equal(Enumerable.Select(some, Name), Sequences.Select(array, Name));
        Assert.Equal(Enumerable.Any(some, IsOdd), Sequences.Any(array, IsOdd));
        Assert.Equal(Enumerable.All(some, IsOdd), Sequences.All(array, IsOdd));
        Assert.Equal(Enumerable.FirstOrDefault(some), Sequences.FirstOrDefault(array));
        Assert.Equal(Enumerable.FirstOrDefault(some, IsOdd), Sequences.FirstOrDefault(array, IsOdd));
    });

    [Fact]
    public void The_first_of_none_is_an_error() => Assert.Throws<InvalidOperationException>(() => Sequences.First([2, 4], IsOdd));

    [Fact]
    public void A_sum_that_no_long_holds_is_an_error() => Assert.Throws<OverflowException>(() => Sequences.Sum([1L, long.MaxValue], n => n));

    [Fact]
    public void A_lazy_query_reads_no_more_than_is_asked_for()
    {
        Assert.Equal([1, 3], Sequences.Take(Sequences.Where(Endless(), IsOdd), 2));
        Assert.True(Sequences.Any(Endless(), n => n > 5));

        static IEnumerable<int> Endless()
        {
            for (var n = 0; n < 100; n++) yield return n;
            throw new InvalidOperationException("it reads too much");
        }
    }

    private static bool IsOdd(int n) => n % 2 != 0;

    private static string Name(int n) => $"<{n}>";

    private static IEnumerable<object?> Mixed(int[] numbers) => Enumerable.Select(numbers, n => n == 0 ? null : IsOdd(n) ? Name(n) : (object)n);

    private static IEnumerable<int> Lazy(int[] numbers)
    {
        foreach (var n in numbers) yield return n;
    }

    private sealed record Item(int Key, int Place);
}
