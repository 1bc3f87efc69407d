"""What would change? Wanted minus facts, with a digest; choices made, scarce things held."""
